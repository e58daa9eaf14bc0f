// SPDX-License-Identifier: Apache-2.0
package dev.simul.channels

import dev.simul.loop.EventLoop
import dev.simul.runCoroutineThreadsafe
import dev.simul.wrapFuture
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

/** A loop that a thread of its own runs, until it is closed. */
internal class OtherLoop(
    val loop: EventLoop = EventLoop(),
) : AutoCloseable {
    private val thread = thread(name = "the other loop", isDaemon = true) { loop.runForever() }

    /** Runs [coroutine] as a task there. */
    fun <T> start(coroutine: suspend () -> T): CompletableFuture<T> = runCoroutineThreadsafe(loop, coroutine)

    /** Runs [coroutine] as a task there, and waits for it in a task of another loop. */
    suspend fun <T> call(coroutine: suspend () -> T): T = wrapFuture(start(coroutine)).await()

    /** Runs [block] while the loop is held up and does nothing. */
    inline fun <T> heldUp(block: () -> T): T {
        val goOn = hold()
        try {
            return block()
        } finally {
            goOn.countDown()
        }
    }

    fun hold(): CountDownLatch {
        val held = CountDownLatch(1)
        val goOn = CountDownLatch(1)
        loop.callSoonThreadsafe {
            held.countDown()
            goOn.await()
        }
        check(held.await(60, TimeUnit.SECONDS))
        return goOn
    }

    override fun close() {
        if (loop.isClosed) return
        loop.callSoonThreadsafe { loop.stop() }
        thread.join()
        loop.close()
    }
}
