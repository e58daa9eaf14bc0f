// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

import kotlin.time.Duration

/**
 * One operation in a [History]: who called it, when it began, and, if that is known, when it ended and with which result.
 *
 * It ends at most once, by [returned] or by [failed]. A call that never ends is *pending*: its caller was cut off, and the operation may
 * have taken effect at any time since it began, or never.
 *
 * asyncio has no equivalent.
 */
public class Call<Op, R> internal constructor(
    private val history: History<Op, R>,
    /** Who called, for messages: a client's name or number. */
    @get:JvmName("process") public val process: Any,
    /** What was called, with its arguments. */
    @get:JvmName("operation") public val operation: Op,
    /** The number of the event that began it, counted from 1 in its history. */
    @get:JvmName("begin") public val begin: Int,
    private val beganAt: Duration?,
) {
    private var endedAt: Duration? = null
    private var outcome: R? = null

    /** The number of the event that ended it, or null while it is pending. */
    @get:JvmName("end")
    public var end: Int? = null
        private set

    /** Whether it has not ended; its result is then unknown. */
    public val isPending: Boolean get() = end == null

    /** What it returned. @throws IllegalStateException while it is pending. */
    @get:JvmName("result")
    public val result: R
        get() {
            check(!isPending) { "$this has no result: ask isPending first" }
            @Suppress("UNCHECKED_CAST")
            return outcome as R
        }

    /** It ends now, with [result]. @throws IllegalStateException if it has ended before. */
    public fun returned(result: R) {
        checkPending()
        end = history.nextEvent()
        endedAt = history.now()
        outcome = result
    }

    /**
     * It ends now, and certainly has had no effect: it was refused, or never sent. The history forgets it.
     *
     * If it may have had an effect, leave it pending instead.
     *
     * @throws IllegalStateException if it has ended before.
     */
    public fun failed() {
        checkPending()
        history.forget(this)
        end = history.nextEvent()
    }

    private fun checkPending() = check(isPending) { "$this has ended: a call ends once" }

    override fun toString(): String = "$process: $operation$resultText [$period]"

    private val resultText: String get() = if (isPending || outcome == Unit) "" else " -> $outcome"

    private val period: String
        get() {
            val from = beganAt ?: "event $begin"
            return if (isPending) "from $from, never ended" else "$from to ${endedAt ?: "event $end"}"
        }
}
