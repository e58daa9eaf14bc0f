// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.exceptions.CancelledException;
import dev.simul.exceptions.KeyboardInterrupt;
import dev.simul.exceptions.SystemExit;
import java.time.Duration;

import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;

/** What {@link SignalsTest} interrupts, in a JVM of its own. */
final class InterruptedProgram {
    private InterruptedProgram() {}

    public static void main(String[] arguments) {
        switch (arguments[0]) {
            case "catches" -> catches(() -> run(InterruptedProgram::work));
            case "catches, of a runner" -> {
                try (var runner = new Runner()) {
                    catches(() -> runner.run(InterruptedProgram::work));
                }
            }
            case "does not catch" -> run(InterruptedProgram::work);
            case "cleans up for long" -> run(InterruptedProgram::cleanUpForLong);
            case "ends when it is told to" -> run(InterruptedProgram::endsWhenToldTo);
            default -> throw new IllegalArgumentException(arguments[0]);
        }
    }

    private static void work() {
        try {
            System.out.println("ready");
            sleep(Duration.ofHours(1)).await();
        } finally {
            System.out.println("cleaning");
            sleep(Duration.ofMillis(1)).await();
            System.out.println("clean");
        }
    }

    private static void cleanUpForLong() {
        try {
            System.out.println("ready");
            sleep(Duration.ofHours(1)).await();
        } finally {
            System.out.println("cleaning");
            sleep(Duration.ofHours(1)).await();
        }
    }

    private static void endsWhenToldTo() {
        var main = currentTask();
        getRunningLoop().addSignalHandler("TERM", () -> main.cancel("SIGTERM"));
        try {
            work();
        } catch (CancelledException e) {
            throw new SystemExit(143);
        }
    }

    private static void catches(Action call) {
        try {
            call.run();
        } catch (KeyboardInterrupt e) {
            System.out.println("interrupted");
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
