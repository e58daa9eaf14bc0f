// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerClient;
import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization;
import com.github.kagkarlsson.scheduler.logging.LogLevel;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.TaskDescriptor;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.simul.facade.Future;
import java.nio.file.Path;
import java.sql.SQLIntegrityConstraintViolationException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ExecutionException;
import java.util.function.BiConsumer;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.runCoroutineThreadsafe;
import static dev.simul.facade.Asyncio.shield;
import static dev.simul.facade.Asyncio.toThread;

/** The blocks of the guide to durable queues; DurableQueueSamplesTest runs them, the facade's DocsTest compares. */
final class DurableQueueSamplesInJava {
    private DurableQueueSamplesInJava() {}

    static JdbcConnectionPool openQueue(Path file) {
        return JdbcConnectionPool.create("jdbc:h2:async:" + file + ";WRITE_DELAY=0", "", "");
    }

    static final TaskDescriptor<String> LETTER = TaskDescriptor.of("letter", String.class);

    static boolean enqueue(DataSource queue, String key, String text) {
        var client = SchedulerClient.Builder.create(queue)
                .jdbcCustomization(new DefaultJdbcCustomization(false))
                .build();
        var job = LETTER.instance(key).data(text).scheduledTo(Instant.now());
        return await(toThread(() -> client.scheduleIfNotExists(job)));
    }

    static void work(DataSource queue, int jobsAtOnce, BiConsumer<String, String> handle) {
        var loop = getRunningLoop();
        var letters = Tasks.oneTime(LETTER).onFailure(retries()).execute((job, context) ->
                awaitOutside(runCoroutineThreadsafe(loop, () -> handle.accept(job.getId(), job.getData()))));
        var settings = Scheduler.create(queue, letters)
                .jdbcCustomization(new DefaultJdbcCustomization(false))
                .threads(jobsAtOnce)
                .pollingInterval(Duration.ofMillis(100))
                .heartbeatInterval(Duration.ofMillis(500))
                .missedHeartbeatsLimit(4)
                .shutdownMaxWait(Duration.ofSeconds(10))
                .failureLogging(LogLevel.INFO, false);
        var scheduler = await(toThread(settings::build));
        try {
            scheduler.start();
            await(loop.createFuture());
        } finally {
            await(shield(loop.runInExecutor(null, scheduler::stop)));
        }
    }

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

    static FailureHandler<String> retries() {
        return FailureHandler.<String>maxRetries(3).withBackoff(Duration.ofMillis(100), 2).thenRemove(failed -> {
            String reason = failed.getCause().orElseThrow().getCause().getMessage();
            System.out.println(failed.getExecution().taskInstance.getId() + " is given up: " + reason);
        });
    }

    static boolean send(DataSource outbox, String key, String text) {
        return await(toThread(() -> {
            try (var connection = outbox.getConnection();
                    var statement = connection.prepareStatement("INSERT INTO outbox VALUES (?, ?)")) {
                statement.setString(1, key);
                statement.setString(2, text);
                return statement.executeUpdate() == 1;
            } catch (SQLIntegrityConstraintViolationException e) {
                return false;
            }
        }));
    }
}
