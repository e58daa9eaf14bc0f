// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.ProcessSignal
import dev.simul.loop.signalNamed

/**
 * Ctrl-C while a loop runs [main]: the first cancels it, the second leaves the loop, and the third is the JVM's, for a loop that
 * is too busy to heed the others.
 *
 * Source: `Runner._on_sigint` of CPython's `asyncio/runners.py`.
 */
internal class KeyboardInterrupts(
    private val loop: EventLoop,
    private val main: Future<*>,
) : Runnable {
    private var received = 0
    private var isOver = false

    /** Whether the first has cancelled [main], which is too late when that is done. */
    private var hasCancelled = false

    /** Whether there were any. */
    val occurred: Boolean get() = received > 0

    /** Does [block], which runs the loop until [main] is done, and throws a [KeyboardInterrupt] if that is what it came to. */
    fun <R> during(block: () -> R): R {
        begin()
        val outcome = runCatching(block)
        end()
        val failure = outcome.exceptionOrNull()
        val isInterrupted =
            when (failure) {
                null -> received > (if (hasCancelled) 1 else 0)
                is CancelledException -> hasCancelled && !isCancelledByOthers()
                else -> false
            }
        if (isInterrupted) throw KeyboardInterrupt().apply { failure?.let { addSuppressed(it) } }
        return outcome.getOrThrow()
    }

    private fun isCancelledByOthers() = main is Task<*> && main.uncancel() > 0

    private fun begin() {
        try {
            sigint?.addUnderneath(this)
        } catch (_: IllegalArgumentException) {
            // The JVM keeps it to itself, by -Xrs say.
        }
    }

    private fun end() {
        synchronized(this) { isOver = true }
        sigint?.remove(this)
    }

    /** The user has pressed Ctrl-C: this is a thread of the signal's own. */
    override fun run() =
        when {
            !count() -> passOn()
            received <= MOST_FOR_THE_LOOP -> loop.handInSurely(::heed)
            else -> sigint!!.raiseAsBefore()
        }

    /** Returns false if it has come too late. */
    @Synchronized
    private fun count(): Boolean {
        if (!isOver) received++
        return !isOver
    }

    private fun heed() {
        if (isOver) return
        if (hasCancelled) throw KeyboardInterrupt()
        hasCancelled = main.cancel()
    }

    companion object {
        private const val MOST_FOR_THE_LOOP = 2

        private val sigint: ProcessSignal? =
            try {
                signalNamed("INT")
            } catch (_: IllegalStateException) {
                null // The JVM is without the module jdk.unsupported.
            }

        /** Presses Ctrl-C once more, for whoever comes next. */
        fun passOn(): Unit = sigint!!.raise()
    }
}
