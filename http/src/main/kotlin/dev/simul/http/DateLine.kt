// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.EventLoop
import dev.simul.loop.SimulationApi
import dev.simul.loop.wallClockMillis
import java.nio.ByteBuffer
import java.time.Instant
import java.time.ZoneOffset
import java.time.format.DateTimeFormatter
import java.util.Locale

/** The header `Date` by the wall clock of [loop], written anew each second. Source: RFC 9110, sections 5.6.7 and 6.6.1. */
internal class DateLine(
    private val loop: EventLoop,
) {
    private var second = Long.MIN_VALUE
    private var line = ByteArray(0)

    @OptIn(SimulationApi::class)
    fun putTo(destination: ByteBuffer) {
        val now = loop.wallClockMillis / 1000
        if (now != second) {
            second = now
            line = "Date: ${FORMAT.format(Instant.ofEpochSecond(now))}\r\n".toByteArray()
        }
        destination.put(line)
    }

    private companion object {
        val FORMAT: DateTimeFormatter =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT).withZone(ZoneOffset.UTC)
    }
}
