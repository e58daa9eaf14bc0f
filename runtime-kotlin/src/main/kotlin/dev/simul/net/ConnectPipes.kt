// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.transports.BlockingReadEnd
import dev.simul.transports.BlockingWriteEnd
import dev.simul.transports.ReadEnd
import dev.simul.transports.ReadPipe
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import dev.simul.transports.WatchedReadEnd
import dev.simul.transports.WatchedWriteEnd
import dev.simul.transports.WriteEnd
import dev.simul.transports.WritePipe
import dev.simul.transports.closedIfFails
import java.io.InputStream
import java.io.OutputStream
import java.nio.channels.Pipe

/**
 * Receives bytes from [pipe], which becomes non-blocking; the transport takes it over and closes it.
 *
 * The transport's methods for writing throw an [UnsupportedOperationException]. If the task is cancelled, the pipe is closed; if
 * [protocolFactory] throws, the pipe is left as it was.
 *
 * Source: `loop.connect_read_pipe(protocol_factory, pipe)`.
 *
 * @param protocolFactory creates the protocol; its [StreamingProtocol.connectionMade] was called when this returns.
 * @throws UnsupportedOperationException if the loop's poller watches no channels.
 * @throws IllegalStateException if another transport owns the pipe.
 */
public suspend fun <P : StreamingProtocol> EventLoop.connectReadPipe(
    pipe: Pipe.SourceChannel,
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val protocol = protocolFactory()
    return connectReadPipe(WatchedReadEnd(this, pipe), protocol)
}

/**
 * As the other [connectReadPipe], for a stream that can only be read by blocking, such as `System.in`: a thread does that. It reads up to
 * 64 KiB, and continues when the loop has taken them and the transport is not paused.
 *
 * A thread that is blocked in the stream when the transport is closed stays there until the stream returns: pipes of processes and
 * terminals return when there is something to read, or when their other end is closed; sockets at once.
 */
public suspend fun <P : StreamingProtocol> EventLoop.connectReadPipe(
    pipe: InputStream,
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val protocol = protocolFactory()
    return connectReadPipe(BlockingReadEnd(this, pipe), protocol)
}

private suspend fun <P : StreamingProtocol> EventLoop.connectReadPipe(
    end: ReadEnd,
    protocol: P,
): Connection<Transport, P> {
    val transport = ReadPipe(this, end, protocol)
    val made = SingleWaiter(this, "connectionMade", transport)
    transport.start(made)
    transport.closedIfFails { made.await() }
    return Connection(transport, protocol)
}

/**
 * Sends bytes to [pipe], which becomes non-blocking; the transport takes it over and closes it.
 *
 * The transport's methods for reading throw an [UnsupportedOperationException]; its `writeEof` is `close`. It only notices that the reader
 * is gone when it writes. If the task is cancelled, the pipe is closed; if [protocolFactory] throws, the pipe is left as it was.
 *
 * Source: `loop.connect_write_pipe(protocol_factory, pipe)`.
 *
 * @param protocolFactory creates the protocol; its [StreamingProtocol.connectionMade] was called when this returns.
 * @throws UnsupportedOperationException if the loop's poller watches no channels.
 * @throws IllegalStateException if another transport owns the pipe.
 */
public suspend fun <P : StreamingProtocol> EventLoop.connectWritePipe(
    pipe: Pipe.SinkChannel,
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val protocol = protocolFactory()
    return connectWritePipe(WatchedWriteEnd(this, pipe), protocol)
}

/**
 * As the other [connectWritePipe], for a stream that can only be written by blocking, such as `System.out`: a thread does that, and flushes
 * the stream each time.
 *
 * A thread that is blocked in the stream when the transport is aborted stays there until the stream returns.
 */
public suspend fun <P : StreamingProtocol> EventLoop.connectWritePipe(
    pipe: OutputStream,
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val protocol = protocolFactory()
    return connectWritePipe(BlockingWriteEnd(this, pipe), protocol)
}

private suspend fun <P : StreamingProtocol> EventLoop.connectWritePipe(
    end: WriteEnd,
    protocol: P,
): Connection<Transport, P> {
    val transport = WritePipe(this, end, protocol)
    val made = SingleWaiter(this, "connectionMade", transport)
    transport.start(made)
    transport.closedIfFails { made.await() }
    return Connection(transport, protocol)
}
