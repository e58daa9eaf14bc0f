// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.facade.cluster.ClusterOptions;
import dev.simul.facade.simulation.ExploreOptions;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class OptionsTest {
    @ParameterizedTest
    @ValueSource(
            classes = {
                CancelOptions.class,
                ClusterOptions.class,
                ConnectionOptions.class,
                DatagramOptions.class,
                ExploreOptions.class,
                HttpServerOptions.class,
                ProcessOptions.class,
                ServerOptions.class,
                TaskOptions.class,
                ThreadOptions.class,
                WorkerOptions.class
            })
    @DisplayName("options can get another one: they begin with nothing said, and are final")
    void growing(Class<?> options) {
        var constructors = List.of(options.getConstructors());
        assertEquals(List.of(0), constructors.stream().map(Constructor::getParameterCount).toList());
        assertTrue(Modifier.isFinal(options.getModifiers()));
        assertTrue(List.of(Object.class, Options.class).contains(options.getSuperclass()));
    }
}
