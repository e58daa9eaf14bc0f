// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class ParameterNamesTest {
    @Test
    @DisplayName("class files keep the names of parameters, for reflection and IDEs: the facade's, the runtime's and the tests'")
    void kept() {
        var nameless = Stream.of(Asyncio.class, Future.class, dev.simul.Runner.class, dev.simul.loop.EventLoop.class, VirtualTime.class)
                .flatMap(type -> Stream.of(type.getDeclaredMethods()))
                .filter(method -> !method.isSynthetic() && !Modifier.isPrivate(method.getModifiers()))
                .filter(method -> !Stream.of(method.getParameters()).allMatch(Parameter::isNamePresent))
                .map(Method::toString)
                .toList();
        assertEquals(List.of(), nameless);
    }
}
