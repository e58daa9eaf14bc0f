// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.Child;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class OutOfThreadsTest {
    @Test
    @DisplayName("a body for which there is no thread fails alone")
    void noThread() {
        assumeTrue(Files.exists(Path.of("/proc/self/status")), "only Linux limits the memory of a process");
        var options = List.of("-Xmx64m", "-XX:+UseSerialGC", "-XX:ThreadStackSize=65536", "-Xlog:os+thread=off", "-Dsimul.carrier=platform");
        var shell = List.of("sh", "-c", "ulimit -v 4000000; export MALLOC_ARENA_MAX=1; exec \"$@\"", "sh");
        try (var child = new Child(Program.class.getName(), "", options, true, shell)) {
            var none = "can't start new thread, unable to create native thread";
            assertEquals(List.of("of 100 tasks all are done", none, none, none, "main is done"), child.rest());
        }
    }

    /** Runs in a JVM that has no thread left. */
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            System.out.println(run(Program::work));
        }

        private static String work() {
            takeThreads();
            var tasks = IntStream.range(0, 100).mapToObj(i -> createTask(Program::body)).toList();
            sleep(Duration.ofMillis(10)).await();
            System.out.println("of 100 tasks " + (tasks.stream().allMatch(Task::isDone) ? "all" : "some") + " are done");
            tasks.stream().map(task -> outcome(task::await)).distinct().forEach(System.out::println);
            System.out.println(outcome(() -> gather(Program::body, Program::body).await()));
            System.out.println(outcome(() -> toThread(Program::body).await()));
            return "main is done";
        }

        private static String body() {
            return "a body";
        }

        private static String outcome(Callable<?> call) {
            try {
                return String.valueOf(call.call());
            } catch (IllegalStateException e) {
                return e.getMessage().split(",")[0] + ", " + e.getCause().getMessage().split(":")[0];
            } catch (Exception e) {
                return e.toString();
            }
        }

        private static void takeThreads() {
            try {
                while (true) {
                    var thread = new Thread(() -> { while (true) LockSupport.park(); });
                    thread.setDaemon(true);
                    thread.start();
                }
            } catch (OutOfMemoryError e) {
                // There are no more.
            }
        }
    }
}
