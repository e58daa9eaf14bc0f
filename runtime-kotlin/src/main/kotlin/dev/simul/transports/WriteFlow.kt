// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.isFatal

/** Pauses and resumes a transport's protocol as the number of unsent bytes grows and shrinks. */
internal class WriteFlow(
    private val loop: EventLoop,
    private val transport: BaseTransport,
    private val defaultHigh: Int = 64 * 1024,
    /** Whether a number of bytes equal to the high limit is already too many. */
    private val isStrict: Boolean = false,
    private val protocol: () -> BaseProtocol,
) {
    private var isPaused = false

    var limits: WriteBufferLimits = limits(null, null)
        private set

    fun setLimits(
        high: Int?,
        low: Int?,
        size: Int,
    ) {
        limits = limits(high, low)
        grown(size)
    }

    private fun limits(
        high: Int?,
        low: Int?,
    ): WriteBufferLimits {
        val upper = high ?: low?.let { it * 4 } ?: defaultHigh
        val lower = low ?: (upper / 4)
        require(lower in 0..upper) { "high ($upper) must be >= low ($lower) must be >= 0: give limits in that order" }
        return WriteBufferLimits(lower, upper)
    }

    /** [size] bytes are unsent after a write. */
    fun grown(size: Int) {
        if (isPaused || size < limits.high || (size == limits.high && (!isStrict || size == 0))) return
        isPaused = true
        tell("pauseWriting") { it.pauseWriting() }
    }

    /** [size] bytes are unsent after some were sent. */
    fun shrunk(size: Int) {
        if (!isPaused || size > limits.low) return
        isPaused = false
        tell("resumeWriting") { it.resumeWriting() }
    }

    private inline fun tell(
        what: String,
        call: (BaseProtocol) -> Unit,
    ) {
        val protocol = protocol()
        try {
            call(protocol)
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            loop.callExceptionHandler(
                ExceptionContext("protocol.$what() failed", e, mapOf("transport" to transport, "protocol" to protocol)),
            )
        }
    }
}
