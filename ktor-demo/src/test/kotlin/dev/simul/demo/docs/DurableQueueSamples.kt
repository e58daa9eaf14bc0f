// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs

import com.github.kagkarlsson.scheduler.Scheduler
import com.github.kagkarlsson.scheduler.SchedulerClient
import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization
import com.github.kagkarlsson.scheduler.logging.LogLevel
import com.github.kagkarlsson.scheduler.task.FailureHandler
import com.github.kagkarlsson.scheduler.task.TaskDescriptor
import com.github.kagkarlsson.scheduler.task.helper.Tasks
import dev.simul.createFuture
import dev.simul.loop.getRunningLoop
import dev.simul.runCoroutineThreadsafe
import dev.simul.runInExecutor
import dev.simul.shield
import dev.simul.toThread
import org.h2.jdbcx.JdbcConnectionPool
import java.nio.file.Path
import java.sql.SQLIntegrityConstraintViolationException
import java.time.Duration
import java.time.Instant
import java.util.concurrent.CompletableFuture
import javax.sql.DataSource

// The blocks of the guide to durable queues; DurableQueueSamplesTest runs them, the runtime's DocsTest compares.

fun openQueue(file: Path): JdbcConnectionPool = JdbcConnectionPool.create("jdbc:h2:async:$file;WRITE_DELAY=0", "", "")

val LETTER: TaskDescriptor<String> = TaskDescriptor.of("letter", String::class.java)

suspend fun enqueue(
    queue: DataSource,
    key: String,
    text: String,
): Boolean {
    val client = SchedulerClient.Builder.create(queue).jdbcCustomization(DefaultJdbcCustomization(false)).build()
    return toThread { client.scheduleIfNotExists(LETTER.instance(key).data(text).scheduledTo(Instant.now())) }
}

suspend fun work(
    queue: DataSource,
    jobsAtOnce: Int,
    handle: suspend (key: String, text: String) -> Unit,
) {
    val loop = getRunningLoop()
    val letters =
        Tasks.oneTime(LETTER).onFailure(retries()).execute { job, _ ->
            resultOf(runCoroutineThreadsafe(loop) { handle(job.id, job.data) })
        }
    val settings =
        Scheduler
            .create(queue, letters)
            .jdbcCustomization(DefaultJdbcCustomization(false))
            .threads(jobsAtOnce)
            .pollingInterval(Duration.ofMillis(100))
            .heartbeatInterval(Duration.ofMillis(500))
            .missedHeartbeatsLimit(4)
            .shutdownMaxWait(Duration.ofSeconds(10))
            .failureLogging(LogLevel.INFO, false)
    val scheduler = toThread { settings.build() }
    try {
        scheduler.start()
        loop.createFuture<Unit>().await()
    } finally {
        shield(loop.runInExecutor { scheduler.stop() }).await()
    }
}

fun resultOf(job: CompletableFuture<Unit>) =
    try {
        job.get()
    } catch (e: InterruptedException) {
        job.cancel(true)
        throw e
    }

fun retries(): FailureHandler<String> =
    FailureHandler
        .maxRetries<String>(3)
        .withBackoff(Duration.ofMillis(100), 2.0)
        .thenRemove { println("${it.execution.taskInstance.id} is given up: ${it.cause.get().cause?.message}") }

suspend fun send(
    outbox: DataSource,
    key: String,
    text: String,
): Boolean =
    toThread {
        outbox.connection.use { connection ->
            connection.prepareStatement("INSERT INTO outbox VALUES (?, ?)").use {
                it.setString(1, key)
                it.setString(2, text)
                try {
                    it.executeUpdate() == 1
                } catch (_: SQLIntegrityConstraintViolationException) {
                    false
                }
            }
        }
    }
