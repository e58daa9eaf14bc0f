// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.loop.EventLoop
import dev.simul.loop.ProcessSignal
import dev.simul.loop.signalNamed
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/**
 * Handles Ctrl-C while a loop runs [main]: the first cancels [main], the second lists the tasks that do not end and leaves the loop, and
 * the third goes to the JVM, for a loop that is too busy to react to the others.
 *
 * Source: `Runner._on_sigint` of CPython's `asyncio/runners.py`.
 */
internal class KeyboardInterrupts(
    private val loop: EventLoop,
    private val main: Future<*>,
) : Runnable {
    private var received = 0
    private var isOver = false

    /** Whether the first Ctrl-C has cancelled [main]; too late once [main] is done. */
    private var hasCancelled = false

    /** Whether there was any. */
    val occurred: Boolean get() = received > 0

    /** Runs [block], which runs the loop until [main] is done, and throws a [KeyboardInterrupt] if Ctrl-C ended it. */
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

    private fun isCancelledByOthers() = main is Task<*> && main.step.uncancel(Asker.CTRL_C) > 0

    private fun begin() {
        try {
            sigint?.addUnderneath(this)
        } catch (_: IllegalArgumentException) {
            // The JVM reserves the signal, by -Xrs say.
        }
    }

    private fun end() {
        synchronized(this) { isOver = true }
        sigint?.remove(this)
    }

    /** The user has pressed Ctrl-C; runs in a thread of the signal's own. */
    override fun run() =
        when {
            !count() -> passOn()
            received == 1 -> loop.handInSurely(::heed)
            received <= MOST_FOR_THE_LOOP -> insist()
            else -> sigint!!.raiseAsBefore()
        }

    /** The second Ctrl-C: whoever sits there wants to know what does not end, also if the loop is too busy to tell. */
    private fun insist() {
        val heard = CountDownLatch(1)
        loop.handInSurely {
            heard.countDown()
            heed()
        }
        if (heard.await(PATIENCE_MILLIS, TimeUnit.MILLISECONDS) || synchronized(this) { isOver }) return
        val thread = loop.stacks.holder?.thread ?: return
        val stack = thread.stackTrace.asList()
        System.err.println("Interrupted again, but the loop is busy, in thread '${thread.name}':${stack.inLines()}")
    }

    /** Returns false if it came too late. */
    @Synchronized
    private fun count(): Boolean {
        if (!isOver) received++
        return !isOver
    }

    private fun heed() {
        if (isOver) return
        if (hasCancelled) {
            listUnended()
            throw KeyboardInterrupt()
        }
        hasCancelled = TaskRegistry[loop].asking(Asker.CTRL_C) { main.cancel() }
    }

    private fun listUnended() {
        val pending = allTasks(loop)
        val asked = pending.filter { it.cancelling() > 0 }.ifEmpty { pending }
        System.err.println("Interrupted again; these tasks have not ended:${describeUnended(asked)}")
    }

    companion object {
        private const val PATIENCE_MILLIS = 1_000L
        private const val MOST_FOR_THE_LOOP = 2

        private val sigint: ProcessSignal? =
            try {
                signalNamed("INT")
            } catch (_: IllegalStateException) {
                null // The module jdk.unsupported is absent.
            }

        /** Raises the signal once more, for its next receiver. */
        fun passOn(): Unit = sigint!!.raise()
    }
}
