// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import java.nio.ByteBuffer

/**
 * One end of a connection, whatever it goes through; the other side of a [BaseProtocol].
 *
 * Transports are made by the loop, and are for the loop's thread alone. [close] and the other methods never wait.
 *
 * Source: `asyncio.BaseTransport`.
 */
public interface BaseTransport : AutoCloseable {
    /**
     * What is known about the connection: `"sockname"` and `"peername"` are addresses, `"socket"` is the channel, which is not to
     * be read or written. With TLS also `"sslcontext"`, `"ssl_object"` (the engine), `"peercert"` and `"cipher"`; for a child
     * `"subprocess"`, for a pipe `"pipe"`.
     *
     * Source: `BaseTransport.get_extra_info(name, default=None)`.
     *
     * @return null if there is nothing of this name.
     */
    public fun getExtraInfo(name: String): Any?

    /** Whether it is closed or closing. Source: `BaseTransport.is_closing()`. */
    public val isClosing: Boolean

    /**
     * Closes it: nothing more is received, what was written is still sent, then the protocol's `connectionLost` is called.
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
     * Who is told what happens. Source: `BaseTransport.get_protocol()`, `BaseTransport.set_protocol(protocol)`.
     */
    public var protocol: StreamingProtocol

    /** Whether it receives. Source: `ReadTransport.is_reading()`. */
    public val isReading: Boolean

    /**
     * Receives nothing until [resumeReading]; the peer has to wait when the system's buffers are full.
     *
     * Does nothing if it is paused already, or closing. Source: `ReadTransport.pause_reading()`.
     */
    public fun pauseReading()

    /** Receives again. Source: `ReadTransport.resume_reading()`. */
    public fun resumeReading()

    /**
     * Sends [data], as far as the system takes it now; a copy of the rest is kept and sent when it can be.
     *
     * Data for a connection that is lost is dropped; from the fifth time on with a warning in the log.
     *
     * Source: `WriteTransport.write(data)`.
     *
     * @param data its position moves to its limit.
     * @throws IllegalStateException after [writeEof].
     */
    public fun write(data: ByteBuffer)

    /** As the other [write]. */
    public fun write(data: ByteArray): Unit = write(ByteBuffer.wrap(data))

    /** As the other [write], of a text in UTF-8. Source: `WriteTransport.write(text.encode())`. */
    public fun write(data: String): Unit = write(data.toByteArray())

    /** Writes all of them, as one piece of data. Source: `WriteTransport.writelines(list_of_data)`. */
    public fun writelines(data: Iterable<ByteArray>) {
        val lines = data.toList()
        val joined = ByteBuffer.allocate(lines.sumOf { it.size })
        lines.forEach(joined::put)
        write(joined.flip())
    }

    /** Whether there is [writeEof]: TLS has none. Source: `WriteTransport.can_write_eof()`. */
    public fun canWriteEof(): Boolean

    /**
     * Ends the sending direction, when all has been sent; receiving goes on.
     *
     * Source: `WriteTransport.write_eof()`.
     *
     * @throws UnsupportedOperationException if not [canWriteEof].
     */
    public fun writeEof()

    /**
     * Closes it at once: what was written and not sent is dropped. Source: `WriteTransport.abort()`.
     */
    public fun abort()

    /** How many bytes wait to be sent. Source: `WriteTransport.get_write_buffer_size()`. */
    public val writeBufferSize: Int

    /**
     * Between which numbers of unsent bytes the protocol is paused and resumed.
     *
     * Source: `WriteTransport.get_write_buffer_limits()`.
     */
    public val writeBufferLimits: WriteBufferLimits

    /**
     * Sets [writeBufferLimits], in bytes; of two that are null [high] is 64 KiB, of one it follows from the other: the low limit is
     * a quarter of the high one. The protocol may be paused at once.
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
 * The protocol is paused when more than [high] bytes wait to be sent, and resumed when [low] or fewer do.
 *
 * Source: the pair that `WriteTransport.get_write_buffer_limits()` returns.
 */
@JvmRecord
public data class WriteBufferLimits(
    val low: Int,
    val high: Int,
)
