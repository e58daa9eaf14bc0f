// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.Collected
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import dev.simul.loop.callAfterCollection
import java.lang.ref.Cleaner

/**
 * The report of an exception that was never retrieved, made when the loop closes or the future is collected, whichever is first.
 *
 * It knows only the future's description: a reference to the future would keep it from being collected.
 */
internal class UnretrievedException private constructor(
    private val loop: EventLoop,
    private val context: ExceptionContext,
) : Runnable {
    private var cleanable: Cleaner.Cleanable? = null

    /** The exception was retrieved: nothing is left to report. */
    fun retrieved() {
        if (of[loop].take(this)) cleanable?.clean()
    }

    /** The future was collected. A loop that no longer runs reports it when it closes. */
    override fun run() {
        if (this !in of[loop]) return
        try {
            loop.callAfterCollection { if (of[loop].take(this)) report() }
        } catch (_: IllegalStateException) {
            if (of[loop].takeAfterClose(this)) report()
        }
    }

    private fun loopCloses() {
        report()
        cleanable?.clean()
    }

    private fun report() = loop.callExceptionHandler(context)

    /** The reports of one loop that are still to be made, in the order of the failures: who takes one out makes it. */
    private class Pending(
        private var isClosed: Boolean,
    ) {
        private val reports = LinkedHashSet<UnretrievedException>()

        @Synchronized
        fun add(report: UnretrievedException) = reports.add(report)

        @Synchronized
        operator fun contains(report: UnretrievedException) = report in reports

        @Synchronized
        fun take(report: UnretrievedException) = reports.remove(report)

        /** As [take], but a loop that is about to close makes the report itself: nobody would wait for the cleaner's thread. */
        @Synchronized
        fun takeAfterClose(report: UnretrievedException) = isClosed && take(report)

        @Synchronized
        fun close(): List<UnretrievedException> {
            isClosed = true
            return reports.toList().also { reports.clear() }
        }
    }

    companion object {
        private val of =
            LoopLocal(
                onClose = { _, pending -> pending.close().forEach { it.loopCloses() } },
                initial = { Pending(isClosed = LoopLocal.areClosed(it)) },
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
            of[future.loop].add(report)
            report.cleanable = Collected.then(future, report)
            return report
        }
    }
}
