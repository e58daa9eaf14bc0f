// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.TimeoutException
import dev.simul.loop.DaemonThread
import dev.simul.loop.DaemonThreads
import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import dev.simul.loop.News
import dev.simul.loop.logger
import dev.simul.loop.startingThread
import dev.simul.loop.surely
import java.util.concurrent.ExecutorService
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** The executor of a loop, made on first use. */
internal class DefaultExecutor private constructor(
    private val loop: EventLoop,
) {
    private var executor: ExecutorService? = null
    private var shutDown = false

    fun get(): ExecutorService {
        check(!shutDown) { "Executor shutdown has been called: the loop's default executor accepts no more work" }
        return executor ?: newThreadPool(loop).also { executor = it }
    }

    fun set(newExecutor: ExecutorService) {
        executor = newExecutor
    }

    suspend fun shutDown(timeout: Duration?) {
        shutDown = true
        val executor = executor ?: return
        executor.shutdown()
        try {
            timeout(timeout) { executor.awaitEnd() }
        } catch (_: TimeoutException) {
            logger.warn("The executor did not finish joining its threads within {}", timeout)
        }
    }

    private suspend fun ExecutorService.awaitEnd() {
        val joined = SingleWaiter(loop, "shutdownDefaultExecutor", this)
        if (this is SimulatedExecutor) {
            val end = ExecutorEnd(loop, outside = null, joined)
            whenTerminated(end::tell)
        } else {
            joinInThread(joined)
        }
        joined.await()
    }

    private suspend fun ExecutorService.joinInThread(joined: SingleWaiter) {
        val outside = OutsideWork[loop]
        val end = ExecutorEnd(loop, outside, joined)
        outside.begin()
        try {
            startingThread {
                DaemonThread("joins the default executor") {
                    awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS)
                    surely { end.tell() }
                }.start()
            }
        } catch (_: IllegalStateException) {
            // No thread can be started to wait in.
            try {
                while (!isTerminated) sleep(PAUSE)
            } finally {
                end.hear()
            }
        }
    }

    companion object {
        private val of =
            LoopLocal(
                onClose = { _, default ->
                    default.shutDown = true
                    default.executor?.shutdown()
                },
                initial = { DefaultExecutor(it) },
            )

        operator fun get(loop: EventLoop): DefaultExecutor = of[loop]

        private val PAUSE = 10.milliseconds

        private val pools = AtomicInteger()

        /**
         * Up to four threads more than there are processors, at most 32, that end after a minute without work. They inherit nothing from
         * the body whose call starts them, since they go on to serve others.
         */
        private fun newThreadPool(loop: EventLoop): ExecutorService {
            val size = minOf(32, Runtime.getRuntime().availableProcessors() + 4)
            val factory = DaemonThreads("asyncio_${pools.getAndIncrement()}_", first = 0, classLoader = loop::contextClassLoader)
            return ThreadPoolExecutor(size, size, 60, TimeUnit.SECONDS, LinkedBlockingQueue(), factory)
                .apply { allowCoreThreadTimeOut(true) }
        }
    }
}

private class ExecutorEnd(
    loop: EventLoop,
    private val outside: OutsideWork?,
    private val joined: SingleWaiter,
) : News(loop) {
    private var hasEnded = false

    public override fun hear() {
        if (!hasEnded) {
            hasEnded = true
            outside?.end()
        }
        joined.wake()
    }
}

/**
 * Makes [executor] the one that `runInExecutor` and `toThread` use; the loop shuts it down when it closes.
 *
 * Source: `loop.set_default_executor(executor)`.
 */
public fun EventLoop.setDefaultExecutor(executor: ExecutorService): Unit = DefaultExecutor[this].set(executor)

/**
 * Shuts the default executor down and waits for its threads, but no longer than [timeout]; null means no limit.
 *
 * If the timeout expires, a warning is logged and the threads keep running.
 *
 * Source: `loop.shutdown_default_executor(timeout=None)`.
 */
public suspend fun EventLoop.shutdownDefaultExecutor(timeout: Duration? = null): Unit = DefaultExecutor[this].shutDown(timeout)

/** Counts the work that other threads do for a loop; a loop on virtual time has to wait for it. */
internal class OutsideWork {
    private val count = AtomicInteger()

    val isUnderWay: Boolean get() = count.get() > 0

    fun begin() {
        count.incrementAndGet()
    }

    fun end() {
        count.decrementAndGet()
    }

    companion object {
        private val of = LoopLocal { OutsideWork() }

        operator fun get(loop: EventLoop): OutsideWork = of[loop]
    }
}
