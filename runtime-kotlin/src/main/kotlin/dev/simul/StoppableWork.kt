// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.copyContext
import dev.simul.exceptions.CancelledException
import dev.simul.loop.DaemonThread
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.News
import dev.simul.loop.startingThread
import dev.simul.loop.surely

/**
 * A [block] that runs in another thread and can be told to stop: by a hook, by an interrupt, or by both.
 *
 * Because of the lock, an interrupt falls within the block or does not happen: it never strikes other work of a pooled thread.
 */
internal class StoppableWork<T>(
    private val loop: EventLoop,
    private val interrupts: Boolean,
    private val hook: (() -> Unit)?,
    private val block: () -> T,
) : () -> T {
    private enum class State { NEW, RUNNING, ENDED }

    private val hookContext = if (hook == null) null else copyContext()
    private var state = State.NEW
    private var thread: Thread? = null
    private var wasInterrupted = false

    override fun invoke(): T {
        begin()
        try {
            return block()
        } finally {
            end()
        }
    }

    @Synchronized
    private fun begin() {
        if (state == State.ENDED) throw CancelledException("cancelled before it began")
        state = State.RUNNING
        thread = Thread.currentThread()
    }

    @Synchronized
    private fun end() {
        state = State.ENDED
        thread = null
        if (wasInterrupted) Thread.interrupted()
    }

    /** Tells the block to stop, if it is running; a block that has not begun never begins. Called by the loop's thread. */
    fun stop() {
        when (stateWhenStopped()) {
            State.RUNNING -> if (hook == null) interrupt() else callHook()
            State.NEW, State.ENDED -> Unit
        }
    }

    @Synchronized
    private fun stateWhenStopped(): State = state.also { if (it == State.NEW) state = State.ENDED }

    @Synchronized
    private fun interrupt() {
        if (!interrupts) return
        wasInterrupted = thread != null
        thread?.interrupt()
    }

    private fun callHook() {
        val call = HookCall()
        try {
            startingThread {
                DaemonThread("calls onCancel", classLoader = loop.contextClassLoader, work = call::perform).start()
            }
        } catch (e: IllegalStateException) {
            interrupt()
            report(e)
            return
        }
        OutsideWork[loop].begin()
    }

    private fun report(failure: Throwable) =
        loop.callExceptionHandler(ExceptionContext("onCancel of toThread has failed", failure, mapOf("onCancel" to hook!!)))

    private inner class HookCall : News(loop) {
        private var failure: Throwable? = null
        private var isHeard = false

        fun perform() {
            try {
                hookContext!!.run(hook!!)
            } catch (e: Throwable) {
                failure = e
            }
            interrupt()
            surely { tell() }
        }

        override fun hear() {
            if (isHeard) return
            isHeard = true
            OutsideWork[loop].end()
            failure?.let(::report)
        }
    }
}
