// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;

class FactoryTest {
    private static final List<String> TYPES =
            List.of("dev.simul.facade.Future", "dev.simul.facade.cluster.Calls", "dev.simul.facade.Task", "dev.simul.facade.Factory");

    @Test
    @DisplayName("threads that use the packages of the facade for the first time do not wait for each other")
    void initializers() throws Exception {
        var threads = Executors.newFixedThreadPool(TYPES.size());
        try {
            for (int i = 0; i < 20; i++) {
                try (var fresh = new URLClassLoader(classPath(), ClassLoader.getPlatformClassLoader())) {
                    var together = new CyclicBarrier(TYPES.size());
                    var loaded = TYPES.stream().map(type -> threads.submit(() -> initialized(type, fresh, together))).toList();
                    for (Future<ClassLoader> loader : loaded) assertEquals(fresh, loader.get(20, TimeUnit.SECONDS));
                }
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static ClassLoader initialized(String type, ClassLoader loader, CyclicBarrier together) throws Exception {
        together.await();
        return Class.forName(type, true, loader).getClassLoader();
    }

    private static URL[] classPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator)).map(FactoryTest::url).toArray(URL[]::new);
    }

    private static URL url(String entry) {
        try {
            return Path.of(entry).toUri().toURL();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
