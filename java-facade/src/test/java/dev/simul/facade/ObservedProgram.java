// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;

/** The programs that {@code OutsideTest} looks into from another process: each says "ready", and ends with its input. */
final class ObservedProgram {
    private ObservedProgram() {}

    public static void main(String[] arguments) {
        switch (arguments[0]) {
            case "parked" -> run(ObservedProgram::parked);
            case "spins" -> run(() -> held(gate -> {
                while (gate.getCount() > 0) Thread.onSpinWait();
            }));
            case "blocks" -> run(() -> held(CountDownLatch::await));
            default -> throw new IllegalArgumentException(arguments[0]);
        }
        System.out.println("ended");
    }

    private interface Hold {
        void hold(CountDownLatch gate) throws InterruptedException;
    }

    private static void parked() {
        var sleeper = createTask(new TaskOptions().name("sleeper"), ObservedProgram::waitUntilCancelled);
        var locker = createTask(new TaskOptions().name("locker"), () -> acquireTwice(new Lock()));
        createTask(new TaskOptions().name("gatherer"), () -> await(gather(sleeper, locker)));
        System.out.println("ready");
        await(toThread(ObservedProgram::readToEnd));
    }

    /** Has a task hold the loop until the input ends. */
    private static void held(Hold hold) {
        var gate = new CountDownLatch(1);
        var reader = new Thread(() -> {
            try {
                readToEnd();
            } catch (IOException e) {
                throw new AssertionError(e);
            } finally {
                gate.countDown();
            }
        });
        reader.setDaemon(true);
        reader.start();
        createTask(new TaskOptions().name("sleeper"), ObservedProgram::waitUntilCancelled);
        await(createTask(new TaskOptions().name("holder"), () -> {
            await(sleep(Duration.ofMillis(1)));
            System.out.println("ready");
            hold.hold(gate);
        }));
    }

    private static void waitUntilCancelled() {
        await(sleep(Duration.ofHours(1)));
        System.out.println("never");
    }

    private static void acquireTwice(Lock lock) {
        await(lock.acquire());
        await(lock.acquire());
    }

    private static Object readToEnd() throws IOException {
        while (System.in.read() >= 0) {}
        return null;
    }
}
