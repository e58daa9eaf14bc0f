// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.house.ReflectiveCalls;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** The facade has no metadata for native images, since its bytecode names all that it uses. */
class NativeImageTest {
    private static final Path TARGET = Path.of(System.getProperty("basedir", ""), "target");

    @Test
    void nothingIsLookedForByName() {
        assertEquals(Map.of(), ReflectiveCalls.of(TARGET.resolve("classes")));
    }

    @Test
    void itWouldBeSeen() {
        var own = ReflectiveCalls.of(TARGET.resolve("test-classes")).get(getClass().getName());
        assertEquals(Set.of("java.lang.Class.forName"), own.getCalls());
        assertEquals(Set.of("dev.simul.facade.NativeImageTest"), own.getNames());
        assertEquals(getClass(), lookedUp());
    }

    private static Class<?> lookedUp() {
        try {
            return Class.forName("dev.simul.facade.NativeImageTest");
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }
}
