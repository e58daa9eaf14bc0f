// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.context.copyContext
import dev.simul.loop.EventLoop
import dev.simul.runInExecutor
import java.util.concurrent.Executor

/** Where a client runs what may block: its executor, or if it has none, the loop's default one. */
internal class Worker(
    private val loop: EventLoop,
    val executor: Executor?,
) {
    /** Runs [block] in another thread, with a copy of the caller's context variables, and waits for it. */
    suspend fun <T> run(block: () -> T): T = begin(block).await()

    /** As [run], without waiting. */
    fun <T> begin(block: () -> T): dev.simul.Future<T> {
        val context = copyContext()
        return loop.runInExecutor(executor) { context.run(block) }
    }
}
