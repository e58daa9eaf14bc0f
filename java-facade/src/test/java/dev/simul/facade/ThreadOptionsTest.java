// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.toThread;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

class ThreadOptionsTest {
    private final List<String> events = new CopyOnWriteArrayList<>();

    /** What a driver's statement is: it runs until another thread cancels it. */
    private static final class Statement {
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch cancelled = new CountDownLatch(1);

        String execute() throws IOException, InterruptedException {
            begun.countDown();
            cancelled.await();
            throw new IOException("cancelled by the user");
        }

        void cancel() throws IOException {
            cancelled.countDown();
        }
    }

    @Test
    @DisplayName("a hook ends the work of a task that is cancelled")
    void hook() {
        run(() -> {
            var statement = new Statement();
            var task = createTask(() -> toThread(new ThreadOptions().onCancel(statement::cancel), statement::execute).await());
            toThread(() -> {
                statement.begun.await();
                return null;
            }).await();
            task.cancel();
            assertThrows(CancellationException.class, task::await);
            return toThread(() -> {
                statement.cancelled.await();
                return null;
            }).await();
        });
    }

    @Test
    @DisplayName("an interrupt ends the work of a task that is cancelled")
    void interrupt() {
        run(() -> {
            var begun = new CountDownLatch(1);
            var ended = new CountDownLatch(1);
            var task = createTask(() -> toThread(new ThreadOptions().interruptOnCancel(true), () -> {
                begun.countDown();
                try {
                    new CountDownLatch(1).await();
                } catch (InterruptedException e) {
                    events.add("interrupted");
                    ended.countDown();
                }
            }).await());
            toThread(() -> {
                begun.await();
                return null;
            }).await();
            task.cancel();
            assertThrows(CancellationException.class, task::await);
            return toThread(() -> {
                ended.await();
                return null;
            }).await();
        });
        assertEquals(List.of("interrupted"), events);
    }

    @Test
    @DisplayName("work that ends by itself gives its result, or throws, as without options")
    void endsByItself() {
        VirtualTime.run(() -> {
            var options = new ThreadOptions().interruptOnCancel(true).onCancel(() -> events.add("hook"));
            assertEquals("result", toThread(options, () -> "result").await());
            toThread(options, () -> {
                events.add("work");
            }).await();
            return assertThrows(IOException.class, () -> toThread(options, () -> {
                        throw new IOException();
                    })
                    .await());
        });
        assertEquals(List.of("work"), events);
    }
}
