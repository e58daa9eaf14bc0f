// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.BaseExceptionGroup
import dev.simul.exceptions.TimeoutException
import dev.simul.exceptions.isCancellation
import dev.simul.loop.EventLoop
import dev.simul.loop.Timer
import dev.simul.loop.getRunningLoop
import dev.simul.loop.plusSaturated
import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds

/**
 * Runs [block] in the calling task, and cancels it when [delay] has passed since this call; null means no limit.
 *
 * At the end of the block, the cancellation becomes a [TimeoutException]. A block that never suspends is never cut short.
 *
 * Cancelling the task cancels the block as if there were no timeout; if both happen at once, the cancellation wins.
 *
 * Source: `async with asyncio.timeout(delay)`.
 *
 * @throws TimeoutException if the timeout expired and the block ended with the cancellation.
 * @throws IllegalStateException outside a task.
 */
public suspend inline fun <R> timeout(
    delay: Duration?,
    block: (Timeout) -> R,
): R = Timeout.begin(delay).endAfter(block)

/** As [timeout], until [when], a time of `loop.time()`; a time in the past means the next turn. Source: `asyncio.timeout_at`. */
public suspend inline fun <R> timeoutAt(
    `when`: Duration?,
    block: (Timeout) -> R,
): R = Timeout(`when`).enter().endAfter(block)

/**
 * A time limit for a block of a task.
 *
 * Source: `asyncio.Timeout(when)`.
 *
 * @param when the deadline as a time of `loop.time()`, or null for none.
 */
public class Timeout(
    `when`: Duration?,
) : AsyncContextManager<Timeout> {
    private var state = State.CREATED
    private var deadlineNanos = `when`?.inWholeNanoseconds ?: NONE
    private var timer: TimeoutTimer? = null
    private var task: Task<*>? = null
    private var cancelling = 0

    /** The deadline, as a time of `loop.time()`; null if there is none. Source: `Timeout.when()`. */
    public fun `when`(): Duration? = if (deadlineNanos == NONE) null else deadlineNanos.nanoseconds

    /** Whether the timeout expired within the block, even if the block refused to stop. Source: `Timeout.expired()`. */
    public fun expired(): Boolean = state == State.EXPIRING || state == State.EXPIRED

    /**
     * Moves the deadline; null removes it, a time in the past means the next turn.
     *
     * Source: `Timeout.reschedule(when)`.
     *
     * @throws IllegalStateException before the block, after it, and once the timeout has expired.
     */
    public fun reschedule(`when`: Duration?) {
        check(state != State.CREATED) { "Timeout has not been entered: reschedule it inside its block" }
        check(state == State.ENTERED) { "Cannot change state of ${state.text} Timeout" }
        deadlineNanos = `when`?.inWholeNanoseconds ?: NONE
        timer?.cancel()
        timer = null
        if (`when` != null) {
            val loop = getRunningLoop()
            startTimer(loop, loop.nanoTime())
        }
    }

    /** Begins the limit. Source: `Timeout.__aenter__`. */
    override suspend fun aenter(): Timeout = enter()

    /** Ends the limit. Source: `Timeout.__aexit__`. */
    override suspend fun aexit(exception: Throwable?): Boolean {
        exit(exception)
        return false
    }

    @PublishedApi
    internal inline fun <R> endAfter(block: (Timeout) -> R): R = useRethrowing(this, block) { exit(it) }

    @PublishedApi
    internal fun enter(): Timeout {
        val loop = getRunningLoop()
        return enter(loop, if (deadlineNanos == NONE) 0 else loop.nanoTime())
    }

    private fun enter(
        loop: EventLoop,
        nowNanos: Long,
    ): Timeout {
        check(state == State.CREATED) { "Timeout has already been entered: make a new one for each block" }
        val task = TaskRegistry[loop].current?.task ?: throw IllegalStateException("Timeout should be used inside a task")
        state = State.ENTERED
        this.task = task
        cancelling = task.cancelling()
        if (deadlineNanos != NONE) startTimer(loop, nowNanos)
        return this
    }

    @PublishedApi
    internal fun exit(exception: Throwable?) {
        timer?.cancel()
        timer = null
        if (state == State.EXPIRING) {
            state = State.EXPIRED
            val task = task!!
            val isCancelled = exception != null && (exception.isCancellation || task.step.isAnswerToCancel(exception))
            // If there are no other requests to cancel, this timeout made the cancellation.
            if (task.step.uncancel(Asker.TIMEOUT) <= cancelling && exception != null) expire(exception, isCancelled)
        } else {
            state = State.EXITED
        }
    }

    private fun expire(
        exception: Throwable,
        isCancelled: Boolean,
    ) {
        val timeout = TimeoutException("the timeout has expired")
        if (isCancelled) throw timeout.also { it.initCause(exception) }
        exception.addSuppressed(timeout)
        if (exception is BaseExceptionGroup) exception.exceptions.forEach { it.addSuppressed(timeout) }
    }

    private fun startTimer(
        loop: EventLoop,
        nowNanos: Long,
    ) {
        if (deadlineNanos <= nowNanos) {
            // Through the ready queue rather than the timers, as in CPython.
            val due = TimeoutTimer(loop, deadlineNanos, this)
            timer = due
            loop.enqueue(due)
        } else {
            timer = TimeoutTimer(loop, deadlineNanos, this).also(loop::add)
        }
    }

    internal fun onTimeout() {
        val task = task!!
        TaskRegistry[task.loop].asking(Asker.TIMEOUT) { task.cancel() }
        state = State.EXPIRING
        timer = null
    }

    override fun toString(): String {
        val deadline = if (state == State.ENTERED) " when=${`when`()}" else ""
        return "<Timeout [${state.text}]$deadline>"
    }

    private enum class State(
        val text: String,
    ) {
        CREATED("created"),
        ENTERED("active"),
        EXPIRING("expiring"),
        EXPIRED("expired"),
        EXITED("finished"),
    }

    /** Creates timeouts. */
    public companion object {
        private const val NONE = Long.MAX_VALUE

        /** A limit of [delay] from this call, not from the start of its block. Source: `asyncio.timeout(delay)`. */
        public fun after(delay: Duration?): Timeout {
            val timeout = Timeout(null)
            if (delay != null) {
                val loop = getRunningLoop()
                timeout.deadlineNanos = loop.nanoTime().plusSaturated(delay)
            }
            return timeout
        }

        /** A limit of [delay] that starts at once, reading the clock only once. */
        @PublishedApi
        internal fun begin(delay: Duration?): Timeout {
            val loop = getRunningLoop()
            val now = if (delay == null) 0 else loop.nanoTimeInStep()
            val timeout = Timeout(null)
            if (delay != null) timeout.deadlineNanos = now.plusSaturated(delay)
            return timeout.enter(loop, now)
        }
    }
}

private class TimeoutTimer(
    private val loop: EventLoop,
    deadlineNanos: Long,
    private val timeout: Timeout,
) : Timer(loop, deadlineNanos) {
    override fun fire() = loop.current.runDetached(timeout::onTimeout)

    /** The limit still holds. */
    override fun cutShort(error: Throwable): Boolean {
        run()
        return true
    }
}
