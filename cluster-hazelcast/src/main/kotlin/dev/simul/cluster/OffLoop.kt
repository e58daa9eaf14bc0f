// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.wrapFuture
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor

/** Hazelcast's blocking calls, each in a thread of its own: a loop that shuts down has no executor left, and these must still run. */
private val threads = Executor { Thread(it, "simul-cluster").apply { isDaemon = true }.start() }

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
