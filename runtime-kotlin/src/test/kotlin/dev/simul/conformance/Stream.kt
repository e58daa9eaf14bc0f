// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.loop.EventLoop
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamReaderProtocol
import dev.simul.transports.Protocol
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.WriteBufferLimits
import java.nio.ByteBuffer

/** A reader with a protocol that feeds it from a transport. */
internal class Stream(
    limit: Int,
    loop: EventLoop,
    log: (String) -> Unit,
) {
    val reader = StreamReader(limit, loop)
    val protocol = StreamReaderProtocol(reader, loop).also { it.connectionMade(LoggingTransport(log)) }
    var isLost = false

    /** Hands [data] to the protocol, as a transport does that has received it. */
    fun receive(data: ByteArray) {
        var at = 0
        while (at < data.size) {
            val buffer = protocol.getBuffer(-1)
            val count = minOf(buffer.remaining(), data.size - at)
            buffer.put(data, at, count)
            protocol.bufferUpdated(count)
            at += count
        }
    }
}

/** A transport that goes nowhere, and logs when it is to stop receiving and to go on. */
class LoggingTransport(
    private val log: (String) -> Unit,
) : Transport {
    override var protocol: StreamingProtocol = object : Protocol {}
    override val isReading: Boolean get() = true
    override val isClosing: Boolean get() = false

    override fun canWriteEof(): Boolean = true

    override val writeBufferSize: Int get() = 0
    override val writeBufferLimits: WriteBufferLimits get() = WriteBufferLimits(0, 0)

    override fun getExtraInfo(name: String): Any? = null

    override fun pauseReading(): Unit = log("pause_reading")

    override fun resumeReading(): Unit = log("resume_reading")

    override fun write(data: ByteBuffer): Unit = Unit

    override fun writeEof(): Unit = Unit

    override fun close(): Unit = Unit

    override fun abort(): Unit = Unit

    override fun setWriteBufferLimits(
        high: Int?,
        low: Int?,
    ): Unit = Unit
}

/** What a reader's text says of its state, as the traces of CPython have it. */
fun readerState(text: String): List<String> = STATE.findAll(text).map { it.value }.toList()

private val STATE = Regex("""\d+ bytes|\beof\b|\blimit=\d+|\bpaused\b""")
