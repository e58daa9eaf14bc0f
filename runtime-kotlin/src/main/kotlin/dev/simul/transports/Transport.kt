// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.nio.ByteBuffer

/**
 * One end of a connection of any kind; the counterpart of a [BaseProtocol].
 *
 * The loop creates transports, and only its thread may use them. [close] and the other methods never wait.
 *
 * Source: `asyncio.BaseTransport`.
 */
public interface BaseTransport : AutoCloseable {
    /**
     * Information about the connection: `"sockname"` and `"peername"` are addresses, `"socket"` is the channel, which must not be read or
     * written. With TLS also `"sslcontext"`, `"ssl_object"` (the engine), `"peercert"` and `"cipher"`; for a child process `"subprocess"`,
     * for a pipe `"pipe"`.
     *
     * Source: `BaseTransport.get_extra_info(name, default=None)`.
     *
     * @return null if there is no information of this name.
     */
    public fun getExtraInfo(name: String): Any?

    /** Whether it is closed or closing. Source: `BaseTransport.is_closing()`. */
    public val isClosing: Boolean

    /**
     * Closes it: nothing more is received, unsent data is still sent, then the protocol's `connectionLost` is called.
     *
     * Source: `BaseTransport.close()`.
     */
    override fun close()
}

/**
 * A stream of bytes in both directions.
 *
 * Source: `asyncio.Transport`.
 */
public interface Transport : BaseTransport {
    /**
     * The protocol that receives the events. Source: `BaseTransport.get_protocol()`, `BaseTransport.set_protocol(protocol)`.
     */
    public var protocol: StreamingProtocol

    /** Whether it receives. Source: `ReadTransport.is_reading()`. */
    public val isReading: Boolean

    /**
     * Receives nothing until [resumeReading]; the peer has to wait once the system's buffers are full.
     *
     * Does nothing if it is paused already, or closing. Source: `ReadTransport.pause_reading()`.
     */
    public fun pauseReading()

    /** Receives again. Source: `ReadTransport.resume_reading()`. */
    public fun resumeReading()

    /**
     * Sends as much of [data] as the system takes now; a copy of the rest is kept and sent later.
     *
     * Data for a lost connection is dropped, from the fifth time on with a warning in the log.
     *
     * Source: `WriteTransport.write(data)`.
     *
     * @param data its position moves to its limit.
     * @throws IllegalStateException after [writeEof].
     */
    public fun write(data: ByteBuffer)

    /** As the other [write]. */
    public fun write(data: ByteArray): Unit = write(ByteBuffer.wrap(data))

    /** As the other [write], for a text in UTF-8. Source: `WriteTransport.write(text.encode())`. */
    public fun write(data: String): Unit = write(data.toByteArray())

    /** Writes all arrays, as one piece of data. Source: `WriteTransport.writelines(list_of_data)`. */
    public fun writelines(data: Iterable<ByteArray>) {
        val lines = data.toList()
        val joined = ByteBuffer.allocate(lines.sumOf { it.size })
        lines.forEach(joined::put)
        write(joined.flip())
    }

    /** Whether [writeEof] is supported: TLS does not. Source: `WriteTransport.can_write_eof()`. */
    public fun canWriteEof(): Boolean

    /**
     * Ends the sending direction, once everything has been sent; receiving continues.
     *
     * Source: `WriteTransport.write_eof()`.
     *
     * @throws UnsupportedOperationException if not [canWriteEof].
     */
    public fun writeEof()

    /**
     * Closes it at once: unsent data is dropped. Source: `WriteTransport.abort()`.
     */
    public fun abort()

    /** How many bytes are unsent. Source: `WriteTransport.get_write_buffer_size()`. */
    public val writeBufferSize: Int

    /**
     * The numbers of unsent bytes at which the protocol is paused and resumed.
     *
     * Source: `WriteTransport.get_write_buffer_limits()`.
     */
    public val writeBufferLimits: WriteBufferLimits

    /**
     * Sets [writeBufferLimits], in bytes. If both are null, [high] is 64 KiB; if one is null, it follows from the other: the low limit is a
     * quarter of the high one. The protocol may be paused at once.
     *
     * Source: `WriteTransport.set_write_buffer_limits(high=None, low=None)`.
     *
     * @throws IllegalArgumentException unless high >= low >= 0.
     */
    public fun setWriteBufferLimits(
        high: Int? = null,
        low: Int? = null,
    )
}

/**
 * The protocol is paused when more than [high] bytes are unsent, and resumed when [low] or fewer are.
 *
 * Source: the pair that `WriteTransport.get_write_buffer_limits()` returns.
 */
@JvmRecord
public data class WriteBufferLimits(
    val low: Int,
    val high: Int,
)
