// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs

import dev.simul.createFuture
import dev.simul.facade.Asyncio
import dev.simul.facade.BackgroundLoop
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.runCoroutineThreadsafe
import dev.simul.sleep
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Future
import javax.sql.DataSource
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.toJavaDuration
import dev.simul.run as runLoop

/** What a handler does with a job; it is on the loop, and must not block. */
internal class Handler(
    /** Told when a job begins, and may throw. */
    val onBegin: (String) -> Unit = {},
    /** Told whether the letter was sent by this attempt. */
    val onSent: (String, Boolean) -> Unit = { _, _ -> },
    /** The job goes on when that is so. */
    val mayGoOn: (String) -> Boolean = { true },
    /** The job ends when that is so. */
    val mayEnd: (String) -> Boolean = { true },
)

/** The guide's samples in one of both languages, for threads outside of loops. */
internal enum class QueueLanguage {
    KOTLIN {
        override fun enqueue(
            queue: DataSource,
            key: String,
        ) = runLoop { enqueue(queue, key, "Dear $key") }

        override fun start(
            queue: DataSource,
            jobsAtOnce: Int,
            handler: Handler,
        ): LoopWorker {
            val loop = CompletableFuture<EventLoop>()
            val end = CompletableFuture<() -> Unit>()
            val thread =
                thread(name = "a loop in Kotlin") {
                    runLoop {
                        val ended = getRunningLoop().createFuture<Unit>()
                        end.complete { ended.setResult(Unit) }
                        loop.complete(getRunningLoop())
                        ended.await()
                    }
                }
            val hasEnded = CountDownLatch(1)
            val work =
                runCoroutineThreadsafe(loop.get()) {
                    try {
                        work(queue, jobsAtOnce) { key, text -> handler.handle(queue, key, text) }
                    } finally {
                        hasEnded.countDown()
                    }
                }
            return LoopWorker(work) {
                hasEnded.await()
                loop.get().callSoonThreadsafe { end.get()() }
                thread.join()
            }
        }

        private suspend fun Handler.handle(
            queue: DataSource,
            key: String,
            text: String,
        ) {
            onBegin(key)
            while (!mayGoOn(key)) sleep(5.milliseconds)
            onSent(key, send(queue, key, text))
            while (!mayEnd(key)) sleep(5.milliseconds)
        }
    },
    JAVA {
        override fun enqueue(
            queue: DataSource,
            key: String,
        ): Boolean =
            Asyncio.open().use { loop ->
                loop.submit<Boolean> { DurableQueueSamplesInJava.enqueue(queue, key, "Dear $key") }.get()
            }

        override fun start(
            queue: DataSource,
            jobsAtOnce: Int,
            handler: Handler,
        ): LoopWorker {
            val loop: BackgroundLoop = Asyncio.open()
            val work =
                loop.submit<Unit> {
                    DurableQueueSamplesInJava.work(queue, jobsAtOnce) { key, text -> handler.handle(queue, key, text) }
                }
            return LoopWorker(work) {
                runCatching { work.get() }
                loop.close()
            }
        }

        private fun Handler.handle(
            queue: DataSource,
            key: String,
            text: String,
        ) {
            onBegin(key)
            while (!mayGoOn(key)) Asyncio.await(Asyncio.sleep(5.milliseconds.toJavaDuration()))
            onSent(key, DurableQueueSamplesInJava.send(queue, key, text))
            while (!mayEnd(key)) Asyncio.await(Asyncio.sleep(5.milliseconds.toJavaDuration()))
        }
    }, ;

    /** Queues a job; blocks. */
    abstract fun enqueue(
        queue: DataSource,
        key: String,
    ): Boolean

    /** Starts a worker, on a loop in a thread of its own. */
    abstract fun start(
        queue: DataSource,
        jobsAtOnce: Int = 1,
        handler: Handler = Handler(),
    ): LoopWorker
}

/** A worker that [stop] cancels, once; it has ended when [close] returns. */
internal class LoopWorker(
    private val work: Future<*>,
    private val closeLoop: () -> Unit,
) : AutoCloseable {
    private var isStopped = false

    fun stop() {
        if (!isStopped) work.cancel(true)
        isStopped = true
    }

    override fun close() {
        stop()
        closeLoop()
    }
}
