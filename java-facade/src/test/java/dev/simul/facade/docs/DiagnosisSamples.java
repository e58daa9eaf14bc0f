// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Lock;
import dev.simul.facade.Queue;
import dev.simul.facade.TaskOptions;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.dumpTasks;
import static dev.simul.facade.Asyncio.formatCallGraph;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;

/** The blocks of the guide to diagnosis; {@code DiagnosisSamplesTest} runs them, {@code DocsTest} compares. */
final class DiagnosisSamples {
    private DiagnosisSamples() {}

    static void move(Lock from, Lock to) {
        try (var held = from.hold()) {
            await(sleep(ofMillis(10)));
            try (var alsoHeld = to.hold()) {
                System.out.println("moved");
            }
        }
    }

    static void hungTransfers() {
        var checking = new Lock("checking");
        var savings = new Lock("savings");
        getRunningLoop().callLater(ofSeconds(1), () -> dumpTasks(System.out));
        await(taskGroup(group -> {
            group.createTask(new TaskOptions().name("save"), () -> move(checking, savings));
            group.createTask(new TaskOptions().name("spend"), () -> move(savings, checking));
            return null;
        }));
    }

    static void dumpOnSignal() {
        getRunningLoop().dumpTasksOn("USR1");
    }

    static String whoAsked() {
        await(sleep(ofMillis(10)));
        return formatCallGraph();
    }

    static void poll(Queue<String> orders) {
        while (true) {
            try {
                System.out.println("got " + await(orders.get()));
            } catch (Exception e) {
                System.out.println("trying again");
            }
        }
    }

    static void swallowedCancel() {
        var polling = createTask(new TaskOptions().name("polling"), () -> poll(new Queue<>(0, "orders")));
        await(sleep(ofSeconds(1)));
        polling.cancel("closing time");
        await(sleep(ofSeconds(1)));
        System.out.println(formatCallGraph(polling));
    }
}
