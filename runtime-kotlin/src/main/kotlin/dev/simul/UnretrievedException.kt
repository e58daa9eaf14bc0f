// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.Collected
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import java.lang.ref.Cleaner
import java.util.Collections

/**
 * The report of an exception that was never retrieved, made when the loop closes or the future is collected, whichever is first.
 *
 * It knows only the future's description: a reference to the future would keep it from being collected.
 */
internal class UnretrievedException private constructor(
    private val loop: EventLoop,
    private val context: ExceptionContext,
) : Runnable {
    @Volatile
    private var pending = true
    private var cleanable: Cleaner.Cleanable? = null

    /** The exception was retrieved: nothing is left to report. */
    fun retrieved() {
        if (take()) forget()
    }

    /** The future was collected. A loop that no longer runs reports it when it closes. */
    override fun run() {
        if (!pending) return
        try {
            loop.callSoonThreadsafe { report() }
        } catch (_: IllegalStateException) {
            report() // the loop was closed by now
        }
    }

    private fun loopCloses() {
        report()
        cleanable?.clean()
    }

    private fun report() {
        if (!take()) return
        of[loop].remove(this)
        loop.callExceptionHandler(context)
    }

    private fun forget() {
        of[loop].remove(this)
        cleanable?.clean()
    }

    @Synchronized
    private fun take(): Boolean = pending.also { pending = false }

    companion object {
        private val of =
            LoopLocal<MutableSet<UnretrievedException>>(
                onClose = { _, all -> synchronized(all) { all.toList() }.forEach { it.loopCloses() } },
                initial = { Collections.synchronizedSet(LinkedHashSet()) }, // after the close, the cleaner's thread reports
            )

        fun watch(
            future: Future<*>,
            exception: Throwable,
        ): UnretrievedException {
            val kind = future.describeKind()
            val task = future as? Task<*>
            val report =
                UnretrievedException(
                    future.loop,
                    ExceptionContext(
                        "$kind exception was never retrieved",
                        exception,
                        mapOf((if (task == null) "future" else "task") to (task?.name ?: kind)),
                        future.origin,
                        task?.context,
                    ),
                )
            report.cleanable = Collected.then(future, report)
            of[future.loop].add(report)
            return report
        }
    }
}
