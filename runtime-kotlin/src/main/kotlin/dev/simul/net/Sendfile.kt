// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.runInExecutor
import dev.simul.transports.ChannelTransport
import dev.simul.transports.ConnectionAbortedException
import dev.simul.transports.Transport
import dev.simul.transports.awaitWritable
import dev.simul.transports.checkFree
import dev.simul.transports.classified
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.ClosedChannelException
import java.nio.channels.FileChannel
import java.nio.channels.SocketChannel

/**
 * Sends [file] over [transport], after everything written before.
 *
 * Meanwhile nothing is received, and nothing may be written. Over a plain connection the system sends the file, without a copy in this
 * process; otherwise threads of the executor read it, and it is written. The file's position ends up after the last byte sent, also if this
 * fails or the task is cancelled.
 *
 * Source: `loop.sendfile(transport, file, offset=0, count=None, *, fallback=True)`.
 *
 * @param offset where in the file to begin.
 * @param count how many bytes to send at most; null for all.
 * @param fallback whether the file may be read and written if the system cannot send it.
 * @return how many bytes were sent.
 * @throws dev.simul.transports.ConnectionException if the connection is lost.
 * @throws IllegalStateException if the transport is closing, or sends a file already.
 * @throws SendfileNotAvailableException if the system cannot send the file, and [fallback] is false.
 */
public suspend fun EventLoop.sendfile(
    transport: Transport,
    file: FileChannel,
    offset: Long = 0,
    count: Long? = null,
    fallback: Boolean = true,
): Long {
    check(!transport.isClosing) { "$transport is closing: no file can be sent by it" }
    val part = FilePart(file, offset, count)
    if (transport is ChannelTransport) return transport.lend { part.sendBy(it, transport::awaitWritable) }
    if (!fallback) {
        throw SendfileNotAvailableException("fallback is disabled, and the system sends no files by $transport: allow it")
    }
    return sendByWriting(part, transport)
}

/**
 * Sends [file] over [channel]: the system does so, without a copy in this process. The file's position ends up after the last byte sent,
 * also if this fails or the task is cancelled.
 *
 * Source: `loop.sock_sendfile(sock, file, offset=0, count=None, *, fallback=True)`.
 *
 * @param offset where in the file to begin.
 * @param count how many bytes to send at most; null for all.
 * @return how many bytes were sent.
 * @throws dev.simul.transports.ConnectionException if the connection is lost.
 * @throws IllegalStateException if a transport owns the channel, or another task waits to send on it.
 */
public suspend fun EventLoop.sockSendfile(
    channel: SocketChannel,
    file: FileChannel,
    offset: Long = 0,
    count: Long? = null,
): Long {
    val part = FilePart(file, offset, count)
    checkFree(channel)
    return part.sendBy(channel) { awaitWritable(channel) }.also { poller.expectNews() }
}

/** [count] bytes of a [file] from [offset], or fewer if the file ends earlier. */
private class FilePart(
    private val file: FileChannel,
    private val offset: Long,
    count: Long?,
) {
    init {
        require(offset >= 0) { "offset is $offset: it must not be negative" }
        require(count == null || count > 0) { "count is $count: it must be positive, or null for all" }
    }

    private val end = if (count == null || count > Long.MAX_VALUE - offset) Long.MAX_VALUE else offset + count

    /** The position after the last byte sent. */
    private var position = offset

    val isOver get() = position >= end

    suspend fun sendBy(
        channel: SocketChannel,
        awaitWritable: suspend () -> Unit,
    ): Long =
        counted {
            while (transferTo(channel)) awaitWritable()
        }

    /** Returns whether there is more to send. */
    private fun transferTo(channel: SocketChannel): Boolean {
        if (isOver || position >= file.size()) return false
        try {
            position += file.transferTo(position, end - position, channel)
        } catch (e: ClosedChannelException) {
            if (!file.isOpen) throw e
            throw ConnectionAbortedException("$channel was closed while a file was being sent through it").apply { initCause(e) }
        } catch (e: IOException) {
            throw e.classified()
        }
        return !isOver && position < file.size()
    }

    /** The next bytes, up to [most]; called in other threads. */
    fun read(most: Int): ByteBuffer {
        val buffer = ByteBuffer.allocate(minOf(most.toLong(), end - position).toInt())
        file.read(buffer, position)
        return buffer.flip()
    }

    fun sent(bytes: Int) {
        position += bytes
    }

    /** Runs [send], and sets the file's own position to where it stopped. Returns how many bytes were sent. */
    inline fun counted(send: () -> Unit): Long {
        try {
            send()
        } finally {
            if (file.isOpen) file.position(position)
        }
        return position - offset
    }
}

private suspend fun EventLoop.sendByWriting(
    part: FilePart,
    transport: Transport,
): Long {
    val standIn = SendfileProtocol(this, transport)
    try {
        return part.counted {
            while (!part.isOver) {
                val block = runInExecutor { part.read(BLOCK_SIZE) }.await()
                val size = block.remaining()
                if (size == 0) break
                transport.write(block)
                standIn.drain()
                part.sent(size)
            }
        }
    } finally {
        standIn.restore()
    }
}

private const val BLOCK_SIZE = 16 * 1024
