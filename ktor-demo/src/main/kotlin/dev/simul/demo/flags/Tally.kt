// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import kotlin.time.Duration
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.TimeMark
import kotlin.time.TimeSource

/** What has become of flags so far, and how long that has taken. Tasks fill it, and the threads that save the flags. */
internal class Tally {
    private val outcomes = HashMap<String, Outcome>()
    private var requestNanos = 0L
    private var begin: TimeMark? = null
    private var time = Duration.ZERO

    /** The first request follows. */
    @Synchronized
    fun begin() {
        begin = TimeSource.Monotonic.markNow()
    }

    /** What became of the flag of [code] is known. */
    @Synchronized
    fun add(
        code: String,
        outcome: Outcome,
    ) {
        outcomes[code] = outcome
        time = begin?.elapsedNow() ?: time
    }

    /** A request has taken that long. */
    @Synchronized
    fun addRequest(nanos: Long) {
        requestNanos += nanos
    }

    /** What became of the flag of [code]. */
    @Synchronized
    operator fun get(code: String): Outcome = outcomes.getValue(code)

    /**
     * All this, up to what was known last.
     *
     * @param answeringTime how long the server says that its answers have taken it. Without that, it is how long they have taken as
     *   seen from here, where much else is done at the same time.
     */
    @Synchronized
    fun report(answeringTime: Duration?): Report = Report(outcomes.toSortedMap(), time, answeringTime ?: requestNanos.nanoseconds)

    /** All this, up to now: more would have followed. */
    @Synchronized
    fun reportInterrupted(answeringTime: Duration?): Report = report(answeringTime).copy(time = begin?.elapsedNow() ?: time)
}
