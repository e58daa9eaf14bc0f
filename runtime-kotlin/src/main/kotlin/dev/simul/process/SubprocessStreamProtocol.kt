// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.loop.EventLoop
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamReaderProtocol
import dev.simul.streams.StreamWriter
import dev.simul.transports.Transport

/**
 * Creates streams for a child's pipes.
 *
 * Source: `asyncio.subprocess.SubprocessStreamProtocol`.
 */
internal class SubprocessStreamProtocol(
    private val limit: Int,
    private val loop: EventLoop,
) : SubprocessProtocol {
    /** What the writer waits on. */
    private val writing = StreamReaderProtocol(StreamReader(limit, loop), loop)
    private val openReaders = HashMap<Int, StreamReader>()
    private var hasExited = false
    private lateinit var transport: SubprocessTransport

    var stdin: StreamWriter? = null
        private set

    var stdout: StreamReader? = null
        private set

    var stderr: StreamReader? = null
        private set

    override fun connectionMade(transport: SubprocessTransport) {
        this.transport = transport
        stdin = transport.getPipeTransport(0)?.let { StreamWriter(it, writing, null, loop) }
        stdout = transport.getPipeTransport(1)?.let { readerOf(1, it) }
        stderr = transport.getPipeTransport(2)?.let { readerOf(2, it) }
    }

    private fun readerOf(
        fd: Int,
        pipe: Transport,
    ): StreamReader =
        StreamReader(limit, loop).also {
            it.setTransport(pipe)
            openReaders[fd] = it
        }

    override fun pipeDataReceived(
        fd: Int,
        data: ByteArray,
    ) {
        openReaders[fd]?.feedData(data)
    }

    override fun pipeConnectionLost(
        fd: Int,
        exception: Throwable?,
    ) {
        if (fd == 0) return writing.connectionLost(exception)
        val reader = openReaders.remove(fd) ?: return
        if (exception == null) reader.feedEof() else reader.setException(exception)
        closeIfDone()
    }

    override fun pauseWriting(): Unit = writing.pauseWriting()

    override fun resumeWriting(): Unit = writing.resumeWriting()

    override fun processExited() {
        hasExited = true
        // The output may not be read any longer, and a pipe is closed only at its end.
        openReaders.values.forEach { it.makeRoom(MOST_IN_PIPE) }
        closeIfDone()
    }

    private fun closeIfDone() {
        if (hasExited && openReaders.isEmpty()) transport.close()
    }

    override fun toString(): String =
        buildString {
            append("<SubprocessStreamProtocol")
            stdin?.let { append(" stdin=").append(it) }
            stdout?.let { append(" stdout=").append(it) }
            stderr?.let { append(" stderr=").append(it) }
            append('>')
        }

    private companion object {
        /** In bytes: the most that Linux allows a pipe to hold for an unprivileged process. */
        const val MOST_IN_PIPE = 1024 * 1024
    }
}
