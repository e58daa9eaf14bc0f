// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.TaskOptions;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static java.time.Duration.ofMillis;

/** The blocks of the guide to diagnosis about loops that stutter; {@code StutterSamplesTest} runs them, {@code DocsTest} compares. */
final class StutterSamples {
    private StutterSamples() {}

    static void parse() throws InterruptedException {
        Thread.sleep(500); // stands for whatever takes long: a query, a large file
    }

    static void importAll() throws InterruptedException {
        await(sleep(ofMillis(10)));
        parse();
        System.out.println("imported");
    }

    static void stutteringImport() {
        await(taskGroup(group -> {
            group.createTask(new TaskOptions().name("clock"), () -> {
                for (int tick = 0; tick < 5; tick++) {
                    await(sleep(ofMillis(100)));
                }
            });
            group.createTask(new TaskOptions().name("import"), () -> importAll());
            return null;
        }));
    }

    static void watchClosely() {
        getRunningLoop().setStallThreshold(ofMillis(20));
    }

    static void doNotWatch() {
        getRunningLoop().setStallThreshold(null);
    }
}
