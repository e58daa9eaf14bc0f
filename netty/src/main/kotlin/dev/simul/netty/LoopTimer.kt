// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.loop.FatalError
import dev.simul.loop.TimerHandle
import io.netty.util.concurrent.ScheduledFuture
import java.util.concurrent.Callable
import java.util.concurrent.Delayed
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.nanoseconds

/** When a timer is due again. */
internal sealed interface Repetition {
    fun after(
        deadlineNanos: Long,
        nowNanos: Long,
    ): Long

    /** Each time so long after the time before, however late that was. */
    class AtRate(
        private val periodNanos: Long,
    ) : Repetition {
        override fun after(
            deadlineNanos: Long,
            nowNanos: Long,
        ) = deadlineNanos.plusSaturated(periodNanos)
    }

    /** So long after the end of the last run. */
    class AfterDelay(
        private val delayNanos: Long,
    ) : Repetition {
        override fun after(
            deadlineNanos: Long,
            nowNanos: Long,
        ) = nowNanos.plusSaturated(delayNanos)
    }
}

private fun Long.plusSaturated(nanos: Long): Long = (this + nanos).let { sum -> if (nanos > 0 && sum < this) Long.MAX_VALUE else sum }

/** A scheduled task of Netty's, which is a timer of the loop. */
internal class LoopTimer<V>(
    eventLoop: SimulEventLoop,
    private val callable: Callable<out V>,
    delayNanos: Long,
    private val repetition: Repetition? = null,
) : LoopPromise<V>(eventLoop),
    ScheduledFuture<V>,
    () -> Unit {
    private val loop = eventLoop.loop

    @Volatile
    private var deadlineNanos = now().plusSaturated(maxOf(0, delayNanos))
    private var handle: TimerHandle? = null

    private fun now() = eventLoop.ticker().nanoTime()

    /** Runs in the loop's thread. */
    fun start() {
        if (isDone) return
        if (loop.isClosed || eventLoop.isShutdown) {
            super.cancel(false)
            return
        }
        eventLoop.add(this)
        schedule()
    }

    private fun schedule() {
        handle = loop.callAt(deadlineNanos.nanoseconds, callback = this)
    }

    override fun invoke() {
        handle = null
        if (repetition == null) {
            eventLoop.forget(this)
            if (setUncancellable()) attempt { trySuccess(callable.call()) }
        } else if (!isDone) {
            attempt { callable.call() }
            repeat(repetition)
        }
    }

    private fun repeat(repetition: Repetition) {
        if (isDone) return eventLoop.forget(this)
        deadlineNanos = repetition.after(deadlineNanos, now())
        schedule()
    }

    private inline fun attempt(block: () -> Unit) {
        try {
            block()
        } catch (e: Throwable) {
            tryFailure(e)
            if (e is FatalError) throw e
        }
    }

    /** Cancels it unless it has begun, or between two repetitions; [mayInterruptIfRunning] has no effect, as in Netty. */
    override fun cancel(mayInterruptIfRunning: Boolean): Boolean {
        if (!super.cancel(mayInterruptIfRunning)) return false
        eventLoop.runInLoop {
            handle?.cancel()
            handle = null
            eventLoop.forget(this)
        }
        return true
    }

    override fun getDelay(unit: TimeUnit): Long = unit.convert(maxOf(0, deadlineNanos - now()), TimeUnit.NANOSECONDS)

    override fun compareTo(other: Delayed): Int =
        when {
            other === this -> 0
            other is LoopTimer<*> -> deadlineNanos.compareTo(other.deadlineNanos)
            else -> getDelay(TimeUnit.NANOSECONDS).compareTo(other.getDelay(TimeUnit.NANOSECONDS))
        }
}
