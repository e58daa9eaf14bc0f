// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.ExecutionContext;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.simul.facade.Action;
import dev.simul.facade.Future;
import dev.simul.facade.ProcessOptions;
import dev.simul.facade.Redirect;
import dev.simul.facade.Semaphore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;

import static dev.simul.facade.AsyncFiles.temporaryDirectory;
import static dev.simul.facade.Asyncio.asyncWith;
import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createSubprocessExec;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.runCoroutineThreadsafe;
import static dev.simul.facade.Asyncio.shield;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.toThread;

final class DurableQueue {
    /** The jobs of this queue: each has a key, and an amount. */
    static final TaskDescriptor<Integer> BOOKING = TaskDescriptor.of("booking", Integer.class);

    /** A job, as the library hands it out. */
    record Booking(String id, int amount, ExecutionContext context) {
        int attempt() {
            return context.getExecution().consecutiveFailures + 1;
        }

        boolean isLast() {
            return context.getSchedulerState().isShuttingDown();
        }
    }

    static void withQueue(Path folder, ThrowingConsumer block) throws Exception {
        var queue = await(toThread(() -> new QueueFile(folder)));
        try {
            block.accept(queue);
        } finally {
            await(toThread(queue::close));
        }
    }

    interface ThrowingConsumer {
        void accept(QueueFile queue) throws Exception;
    }

    /** This loop is a worker as long as the block runs. Then it finishes what it has begun, and leaves the rest in the queue. */
    static void work(QueueFile queue, int threads, Consumer<Booking> handle, Action block) throws Exception {
        var loop = getRunningLoop();
        var bookings = Tasks.oneTime(BOOKING)
                .onFailure(FailureHandler.<Integer>maxRetries(2)
                        .withBackoff(Duration.ofMillis(100), 2)
                        .then(queue::giveUp, failed -> {}))
                .execute((job, context) -> {
                    var booking = new Booking(job.getId(), job.getData(), context);
                    awaitOutside(runCoroutineThreadsafe(loop, () -> handle.accept(booking)));
                });
        var settings = Scheduler.create(queue.getConnections(), bookings)
                .jdbcCustomization(new DefaultJdbcCustomization(false))
                .schedulerName(new SchedulerName.Fixed("a worker"))
                .threads(threads)
                .pollingInterval(Duration.ofMillis(50))
                .heartbeatInterval(Duration.ofMillis(250))
                .missedHeartbeatsLimit(4) // after a second without a heartbeat, its worker is dead
                .shutdownMaxWait(Duration.ofSeconds(10))
                .failureLogging(LogLevel.DEBUG, false);
        var scheduler = await(toThread(settings::build));
        try {
            scheduler.start();
            block.run();
        } finally {
            await(shield(loop.runInExecutor(null, scheduler::stop)));
        }
    }

    /** One of the library's threads waits until the loop has done the job; if it no longer waits, the job is cancelled. */
    static void awaitOutside(Future<Void> job) {
        try {
            job.get();
        } catch (InterruptedException e) {
            job.cancel();
            throw new IllegalStateException("the worker was stopped", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    static void enqueue(QueueFile queue, String id, int amount) {
        var client = SchedulerClient.Builder.create(queue.getConnections())
                .jdbcCustomization(new DefaultJdbcCustomization(false))
                .build();
        var job = BOOKING.instance(id).data(amount).scheduledTo(Instant.now());
        boolean isNew = await(toThread(() -> client.scheduleIfNotExists(job)));
        System.out.println(isNew ? id + " is queued" : id + " is queued already");
    }

    /** What a job does. It may be done twice, so the booking has the job's key. */
    static String book(QueueFile queue, Booking booking) {
        boolean isNew = await(toThread(() -> queue.book(booking.id(), booking.amount())));
        return booking.id() + (isNew ? " is booked" : " was booked already");
    }

    static void untilEmpty(QueueFile queue) {
        while (!await(toThread(queue::isEmpty))) {
            await(sleep(Duration.ofMillis(20)));
        }
    }

    /** The process of worker 1: it books bob, and never says that this is done. */
    static void workInProcess(Path folder) throws Exception {
        withQueue(folder, queue -> work(queue, 1, booking -> {
            System.out.println(book(queue, booking));
            if (booking.id().equals("bob")) {
                await(sleep(Duration.ofHours(1)));
            }
        }, () -> await(sleep(Duration.ofHours(1)))));
    }

    static void crash(Path folder) throws Exception {
        withQueue(folder, queue -> {
            enqueue(queue, "ada", 10);
            enqueue(queue, "bob", 20);
            enqueue(queue, "cy", 30);
            enqueue(queue, "ada", 10);
        });
        var options = new ProcessOptions().stdout(Redirect.PIPE);
        var arguments = WorkerProcess.arguments(DurableQueue.class.getName(), folder);
        var worker = await(createSubprocessExec(options, WorkerProcess.JAVA, arguments));
        try {
            for (String line : worker.stdout().lines()) {
                System.out.println("worker 1: " + line);
                if (line.startsWith("bob")) {
                    break;
                }
            }
        } finally {
            worker.kill();
            await(worker.waitFor());
        }
        System.out.println("worker 1 was killed");
    }

    static void doAgain(QueueFile queue) throws Exception {
        work(queue, 1, booking -> System.out.println("worker 2: " + book(queue, booking)), () -> untilEmpty(queue));
    }

    static void retry(QueueFile queue) throws Exception {
        enqueue(queue, "dan", 40);
        enqueue(queue, "eve", 50);
        work(queue, 1, booking -> {
            if (booking.id().equals("eve") || booking.attempt() < 3) {
                System.out.println("worker 3: no answer for " + booking.id() + ", attempt " + booking.attempt());
                throw new UncheckedIOException(new IOException("no answer"));
            }
            System.out.println("worker 3: " + book(queue, booking));
        }, () -> untilEmpty(queue));
        System.out.println("given up: " + await(toThread(queue::getGivenUp)));
    }

    static void stopInOrder(QueueFile queue) throws Exception {
        enqueue(queue, "fay", 60);
        enqueue(queue, "gus", 70);
        enqueue(queue, "hal", 80);
        var begun = new Semaphore(0);
        work(queue, 2, booking -> {
            begun.release();
            while (!booking.isLast()) {
                await(sleep(Duration.ofMillis(10)));
            }
            book(queue, booking);
        }, () -> {
            await(begun.acquire());
            await(begun.acquire());
            System.out.println("worker 4: stops while it does two at once");
        });
        System.out.println("still queued: " + await(toThread(queue::getQueued)));
    }

    static void go(Path folder) throws Exception {
        crash(folder);
        withQueue(folder, queue -> {
            doAgain(queue);
            retry(queue);
            stopInOrder(queue);
            System.out.println("booked: " + await(toThread(queue::getBooked)));
        });
    }

    public static void main(String[] args) {
        run(() -> {
            if (args.length == 1) {
                workInProcess(Path.of(args[0]));
            } else {
                await(asyncWith(temporaryDirectory(), folder -> {
                    go(folder);
                    return null;
                }));
            }
        });
    }
}
