// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.scale

import com.github.kagkarlsson.scheduler.Scheduler
import com.github.kagkarlsson.scheduler.SchedulerClient
import com.github.kagkarlsson.scheduler.SchedulerName
import com.github.kagkarlsson.scheduler.jdbc.DefaultJdbcCustomization
import com.github.kagkarlsson.scheduler.logging.LogLevel
import com.github.kagkarlsson.scheduler.task.ExecutionContext
import com.github.kagkarlsson.scheduler.task.FailureHandler
import com.github.kagkarlsson.scheduler.task.TaskDescriptor
import com.github.kagkarlsson.scheduler.task.TaskInstance
import com.github.kagkarlsson.scheduler.task.helper.Tasks
import dev.simul.files.temporaryDirectory
import dev.simul.loop.getRunningLoop
import dev.simul.process.PIPE
import dev.simul.process.createSubprocessExec
import dev.simul.run
import dev.simul.runCoroutineThreadsafe
import dev.simul.runInExecutor
import dev.simul.shield
import dev.simul.sleep
import dev.simul.sync.Semaphore
import dev.simul.toThread
import dev.simul.use
import java.io.IOException
import java.nio.file.Path
import java.time.Duration
import java.time.Instant
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

/** The jobs of this queue: each has a key, and an amount. */
private val BOOKING = TaskDescriptor.of("booking", Int::class.javaObjectType)

/** A job, as the library hands it out. */
private class Booking(
    job: TaskInstance<Int>,
    private val context: ExecutionContext,
) {
    val id: String = job.id
    val amount: Int = job.data
    val attempt get() = context.execution.consecutiveFailures + 1
    val isLast get() = context.schedulerState.isShuttingDown
}

private suspend fun withQueue(
    folder: Path,
    block: suspend (QueueFile) -> Unit,
) {
    val queue = toThread { QueueFile(folder) }
    try {
        block(queue)
    } finally {
        toThread { queue.close() }
    }
}

/** This loop is a worker as long as [block] runs. Then it finishes what it has begun, and leaves the rest in the queue. */
private suspend fun work(
    queue: QueueFile,
    threads: Int = 1,
    handle: suspend (Booking) -> Unit,
    block: suspend () -> Unit,
) {
    val loop = getRunningLoop()
    val bookings =
        Tasks
            .oneTime(BOOKING)
            .onFailure(FailureHandler.maxRetries<Int>(2).withBackoff(Duration.ofMillis(100), 2.0).then(queue::giveUp) {})
            .execute { job, context -> resultOf(runCoroutineThreadsafe(loop) { handle(Booking(job, context)) }) }
    val settings =
        Scheduler
            .create(queue.connections, bookings)
            .jdbcCustomization(DefaultJdbcCustomization(false))
            .schedulerName(SchedulerName.Fixed("a worker"))
            .threads(threads)
            .pollingInterval(Duration.ofMillis(50))
            .heartbeatInterval(Duration.ofMillis(250))
            .missedHeartbeatsLimit(4) // after a second without a heartbeat, its worker is dead
            .shutdownMaxWait(Duration.ofSeconds(10))
            .failureLogging(LogLevel.DEBUG, false)
    val scheduler = toThread { settings.build() }
    try {
        scheduler.start()
        block()
    } finally {
        shield(loop.runInExecutor { scheduler.stop() }).await()
    }
}

/** One of the library's threads waits until the loop has done the job; if it no longer waits, the job is cancelled. */
private fun resultOf(job: CompletableFuture<Unit>) =
    try {
        job.get()
    } catch (e: InterruptedException) {
        job.cancel(true)
        throw e
    }

private suspend fun enqueue(
    queue: QueueFile,
    vararg jobs: Pair<String, Int>,
) = toThread {
    val client = SchedulerClient.Builder.create(queue.connections).jdbcCustomization(DefaultJdbcCustomization(false)).build()
    for ((id, amount) in jobs) {
        val isNew = client.scheduleIfNotExists(BOOKING.instance(id).data(amount).scheduledTo(Instant.now()))
        println(if (isNew) "$id is queued" else "$id is queued already")
    }
}

/** What a job does. It may be done twice, so the booking has the job's key. */
private suspend fun book(
    queue: QueueFile,
    booking: Booking,
): String = if (toThread { queue.book(booking.id, booking.amount) }) "${booking.id} is booked" else "${booking.id} was booked already"

private suspend fun untilEmpty(queue: QueueFile) {
    while (!toThread { queue.isEmpty }) sleep(20.milliseconds)
}

/** The process of worker 1: it books bob, and never says that this is done. */
internal fun main(args: Array<String>) =
    run {
        withQueue(Path.of(args[0])) { queue ->
            work(queue, handle = {
                println(book(queue, it))
                if (it.id == "bob") sleep(1.hours)
            }) { sleep(1.hours) }
        }
    }

private suspend fun crash(folder: Path) {
    withQueue(folder) { enqueue(it, "ada" to 10, "bob" to 20, "cy" to 30, "ada" to 10) }
    val main = "dev.simul.demo.gallery.scale.DurableQueueKt"
    val worker = createSubprocessExec(WorkerProcess.JAVA, *WorkerProcess.arguments(main, folder), stdout = PIPE)
    try {
        for (line in worker.stdout!!) {
            print("worker 1: ${line.decodeToString()}")
            if (line.decodeToString().startsWith("bob")) break
        }
    } finally {
        worker.kill()
        worker.wait()
    }
    println("worker 1 was killed")
}

private suspend fun doAgain(queue: QueueFile) = work(queue, handle = { println("worker 2: ${book(queue, it)}") }) { untilEmpty(queue) }

private suspend fun retry(queue: QueueFile) {
    enqueue(queue, "dan" to 40, "eve" to 50)
    work(queue, handle = {
        if (it.id == "eve" || it.attempt < 3) {
            println("worker 3: no answer for ${it.id}, attempt ${it.attempt}")
            throw IOException("no answer")
        }
        println("worker 3: ${book(queue, it)}")
    }) { untilEmpty(queue) }
    println("given up: ${toThread { queue.givenUp }}")
}

private suspend fun stopInOrder(queue: QueueFile) {
    enqueue(queue, "fay" to 60, "gus" to 70, "hal" to 80)
    val begun = Semaphore(0)
    work(queue, threads = 2, handle = {
        begun.release()
        while (!it.isLast) sleep(10.milliseconds)
        book(queue, it)
    }) {
        repeat(2) { begun.acquire() }
        println("worker 4: stops while it does two at once")
    }
    println("still queued: ${toThread { queue.queued }}")
}

internal fun durableQueue() =
    run {
        temporaryDirectory().use { folder ->
            crash(folder)
            withQueue(folder) { queue ->
                doAgain(queue)
                retry(queue)
                stopInOrder(queue)
                println("booked: ${toThread { queue.booked }}")
            }
        }
    }
