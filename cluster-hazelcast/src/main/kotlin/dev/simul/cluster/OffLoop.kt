// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.wrapFuture
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/** Hazelcast's blocking calls, each in a thread of its own: a loop that shuts down has no executor left, and these must still run. */
private val threads = Executor { Thread(it, "simul-cluster").apply { isDaemon = true }.start() }

/** Blocking calls one after the other, in the order in which they were begun, in one thread, which ends when there are none for a while. */
internal class InOrder {
    private val thread =
        ThreadPoolExecutor(1, 1, 1, TimeUnit.SECONDS, LinkedBlockingQueue()) { Thread(it, "simul-cluster").apply { isDaemon = true } }
            .apply { allowCoreThreadTimeOut(true) }

    fun begin(block: () -> Unit): CompletableFuture<Unit> = CompletableFuture.supplyAsync(block, thread)

    /** What has begun, or waits, is done nevertheless. */
    fun close() = thread.shutdown()
}

/** [block] begins at once, and runs to its end, whatever becomes of those who wait. */
internal fun <T> begin(block: () -> T): CompletableFuture<T> = CompletableFuture.supplyAsync(block, threads)

/** Waits for [begun]; cancelling the task ends the wait alone. */
internal suspend fun <T> waitFor(begun: CompletableFuture<T>): T = wrapFuture(begun.copy()).await()

internal suspend fun <T> offLoop(block: () -> T): T = waitFor(begin(block))

/** As [offLoop], for what has to be released: what nobody gets, since the task was cancelled meanwhile, is released. */
internal suspend fun <T> acquireOffLoop(
    acquire: () -> T,
    release: (T) -> Unit,
): T {
    val begun = begin(acquire)
    try {
        return waitFor(begun)
    } catch (e: Throwable) {
        begun.thenAcceptAsync(release, threads)
        throw e
    }
}
