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
 * Receives what comes out of [pipe], which becomes non-blocking, and belongs to the transport: that closes it.
 *
 * The transport's methods for writing throw an [UnsupportedOperationException]. If the task is cancelled the pipe is closed; if
 * [protocolFactory] throws it is as it was.
 *
 * Source: `loop.connect_read_pipe(protocol_factory, pipe)`.
 *
 * @param protocolFactory makes the protocol; [StreamingProtocol.connectionMade] was called when this returns.
 * @throws UnsupportedOperationException if the loop's poller watches no channels.
 * @throws IllegalStateException if another transport has the pipe.
 */
public suspend fun <P : StreamingProtocol> EventLoop.connectReadPipe(
    pipe: Pipe.SourceChannel,
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val protocol = protocolFactory()
    return connectReadPipe(WatchedReadEnd(this, pipe), protocol)
}

/**
 * As the other [connectReadPipe], for a stream that can only be read by waiting in it, such as `System.in`: a thread does that. It
 * reads up to 64 KiB, and goes on when the loop has taken these and the transport is not paused.
 *
 * A thread that waits in the stream when the transport is closed stays there until the stream lets it go: pipes of processes and
 * terminals do so when there is something to read, or their other end is closed; sockets at once.
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
 * Sends into [pipe], which becomes non-blocking, and belongs to the transport: that closes it.
 *
 * The transport's methods for reading throw an [UnsupportedOperationException]; its `writeEof` is `close`. That nobody reads any more
 * it finds out when it writes. If the task is cancelled the pipe is closed; if [protocolFactory] throws it is as it was.
 *
 * Source: `loop.connect_write_pipe(protocol_factory, pipe)`.
 *
 * @param protocolFactory makes the protocol; [StreamingProtocol.connectionMade] was called when this returns.
 * @throws UnsupportedOperationException if the loop's poller watches no channels.
 * @throws IllegalStateException if another transport has the pipe.
 */
public suspend fun <P : StreamingProtocol> EventLoop.connectWritePipe(
    pipe: Pipe.SinkChannel,
    protocolFactory: () -> P,
): Connection<Transport, P> {
    val protocol = protocolFactory()
    return connectWritePipe(WatchedWriteEnd(this, pipe), protocol)
}

/**
 * As the other [connectWritePipe], for a stream that can only be written by waiting in it, such as `System.out`: a thread does that,
 * and flushes it each time.
 *
 * A thread that waits in the stream when the transport is aborted stays there until the stream lets it go.
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
