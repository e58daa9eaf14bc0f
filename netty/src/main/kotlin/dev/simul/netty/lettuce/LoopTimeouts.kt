// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.lettuce

import dev.simul.context.Context
import dev.simul.loop.TimerHandle
import dev.simul.netty.SimulEventLoop
import io.netty.util.Timeout
import io.netty.util.Timer
import io.netty.util.TimerTask
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicReference
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds

/** Netty's timer by the timers of a loop. Lettuce sets one for each command, so this one keeps the books in the loop's thread alone. */
internal class LoopTimeouts(
    val eventLoop: SimulEventLoop,
) : Timer {
    private val loop = eventLoop.loop
    private val pending = HashSet<LoopTimeout>()

    /** Timeouts last longer than what sets them, and keep nothing of its context variables. */
    private val context = Context()

    @Volatile
    private var isStopped = false

    override fun newTimeout(
        task: TimerTask,
        delay: Long,
        unit: TimeUnit,
    ): Timeout {
        check(!isStopped || loop.isClosed) { "Lettuce's resources on $loop were shut down: make a client with others" }
        val timeout = LoopTimeout(task, unit.toNanos(delay).nanoseconds)
        if (loop.isInLoop) timeout.start() else eventLoop.runInLoop(timeout::start)
        return timeout
    }

    /** Cancels what is pending; in the loop's thread it returns that, as well. */
    override fun stop(): Set<Timeout> {
        isStopped = true
        val left = HashSet<Timeout>()
        eventLoop.runInLoop { pending.toList().filterTo(left) { it.cancel() } }
        return if (loop.isInLoop) left else emptySet()
    }

    private enum class State { PENDING, CANCELLED, EXPIRED }

    private inner class LoopTimeout(
        private val task: TimerTask,
        private val delay: Duration,
    ) : Timeout,
        () -> Unit {
        private val state = AtomicReference(State.PENDING)
        private var handle: TimerHandle? = null

        /** Runs in the loop's thread. While the loop closes, nothing comes of it. */
        fun start() {
            if (state.get() != State.PENDING) return
            if (loop.isClosed) {
                state.set(State.CANCELLED)
                return
            }
            pending += this
            handle = loop.callLater(delay, context, this)
        }

        override fun invoke() {
            pending -= this
            if (state.compareAndSet(State.PENDING, State.EXPIRED)) task.run(this)
        }

        override fun cancel(): Boolean {
            if (!state.compareAndSet(State.PENDING, State.CANCELLED)) return false
            if (loop.isInLoop) forget() else eventLoop.runInLoop(::forget)
            return true
        }

        private fun forget() {
            handle?.cancel()
            pending -= this
        }

        override fun timer(): Timer = this@LoopTimeouts

        override fun task(): TimerTask = task

        override fun isExpired(): Boolean = state.get() == State.EXPIRED

        override fun isCancelled(): Boolean = state.get() == State.CANCELLED

        override fun toString(): String = "<Lettuce's timeout of $task>"
    }
}
