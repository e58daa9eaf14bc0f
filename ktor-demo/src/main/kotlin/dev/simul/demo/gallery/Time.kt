// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import java.math.BigDecimal
import java.time.format.DateTimeFormatter
import kotlin.time.Duration
import kotlin.time.DurationUnit
import kotlin.time.toKotlinDuration

/** Python's module `time`, on the time of the [Stage]. */
internal object Time {
    private val clock = DateTimeFormatter.ofPattern("HH:mm:ss")

    /** Blocks the thread. Source: `time.sleep`. */
    fun sleep(duration: Duration) = Stage.get().sleep(duration)

    /** As the other one, for Java. */
    @JvmStatic
    fun sleep(duration: java.time.Duration) = sleep(duration.toKotlinDuration())

    /** Seconds since some moment. Source: `time.perf_counter()`. */
    @JvmStatic
    fun perfCounter(): Double = Stage.get().elapsed().toDouble(DurationUnit.SECONDS)

    /** The time of day, as in `17:12:56`. Source: `time.strftime("%X")`. */
    @JvmStatic
    fun strftime(): String = Stage.get().now().format(clock)

    /** Seconds since 1970, with microseconds. Source: `time.time()`. */
    @JvmStatic
    fun time(): BigDecimal {
        val now = Stage.get().now().toInstant()
        return BigDecimal.valueOf(now.epochSecond) + BigDecimal.valueOf(now.nano / 1_000L, 6)
    }
}
