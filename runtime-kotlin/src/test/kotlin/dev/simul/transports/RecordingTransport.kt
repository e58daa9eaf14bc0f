// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.io.ByteArrayOutputStream
import java.nio.ByteBuffer

/** A transport that goes nowhere, and keeps what was done with it. */
internal class RecordingTransport : Transport {
    private val written = ByteArrayOutputStream()

    val text: String get() = written.toString()

    override var protocol: StreamingProtocol = object : Protocol {}
    override var isReading: Boolean = true
        private set
    override var isClosing: Boolean = false
        private set

    override fun canWriteEof(): Boolean = true

    override val writeBufferSize: Int get() = 0
    override val writeBufferLimits: WriteBufferLimits get() = WriteBufferLimits(0, 0)

    override fun getExtraInfo(name: String): Any? = null

    override fun pauseReading() {
        isReading = false
    }

    override fun resumeReading() {
        isReading = true
    }

    override fun write(data: ByteBuffer) {
        while (data.hasRemaining()) written.write(data.get().toInt())
    }

    override fun writeEof() = Unit

    override fun close() {
        isClosing = true
    }

    override fun abort() = close()

    override fun setWriteBufferLimits(
        high: Int?,
        low: Int?,
    ) = Unit
}
