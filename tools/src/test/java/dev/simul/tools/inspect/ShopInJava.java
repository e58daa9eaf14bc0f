// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect;

import dev.simul.exceptions.CancelledException;
import dev.simul.facade.Lock;
import dev.simul.facade.TaskOptions;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.taskGroup;
import static dev.simul.facade.Asyncio.toThread;
import static java.time.Duration.ofHours;
import static java.time.Duration.ofMillis;

/** {@link Shop} in Java. */
final class ShopInJava {
    private ShopInJava() {}

    private static void move(Lock from, Lock to) {
        await(from.acquire());
        await(sleep(ofMillis(10)));
        await(to.acquire());
    }

    private static void backUp() {
        while (true) {
            try {
                await(sleep(ofHours(1)));
            } catch (CancelledException e) {
                continue;
            }
        }
    }

    private static void updatePrices() {
        while (true) {
            long end = System.nanoTime() + 6_000_000;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            await(sleep(ofMillis(4)));
        }
    }

    private static void transfer() {
        var checking = new Lock();
        var savings = new Lock();
        await(taskGroup(group -> {
            group.createTask(new TaskOptions().name("save"), () -> move(checking, savings));
            group.createTask(new TaskOptions().name("spend"), () -> move(savings, checking));
            return null;
        }));
    }

    private static Object readToEnd() throws java.io.IOException {
        while (System.in.read() >= 0) {}
        return null;
    }

    private static void open(boolean isBusy) {
        createTask(new TaskOptions().name("transfer"), ShopInJava::transfer);
        var backup = createTask(new TaskOptions().name("backup"), ShopInJava::backUp);
        if (isBusy) {
            createTask(new TaskOptions().name("prices"), ShopInJava::updatePrices);
        }
        await(sleep(ofMillis(50)));
        backup.cancel("closing time");
        await(sleep(ofMillis(10)));
        System.out.println("ready");
        await(toThread(ShopInJava::readToEnd));
        Runtime.getRuntime().halt(0);
    }

    public static void main(String[] arguments) {
        boolean isBusy = arguments.length > 0;
        runLoop(() -> open(isBusy));
    }
}
