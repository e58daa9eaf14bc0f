// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaServer;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.callForNothing;
import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Calls.withoutResult;

/**
 * Listens at one or more addresses, and creates a transport and a protocol for each connection.
 *
 * <p>It runs in the background until it is closed, for example by {@code try}-with-resources, or its loop is closed.
 *
 * <p>Source: {@code asyncio.Server}.
 */
public final class Server implements AutoCloseable {
    private final dev.simul.net.Server delegate;

    Server(dev.simul.net.Server delegate) {
        this.delegate = delegate;
    }

    /** The loop it belongs to. Source: {@code Server.get_loop()}. */
    public EventLoop getLoop() {
        return EventLoop.of(delegate.getLoop());
    }

    /** Whether it accepts connections. Source: {@code Server.is_serving()}. */
    public boolean isServing() {
        return delegate.isServing();
    }

    /** The addresses it is bound to; none after {@link #close}. Source: {@code Server.sockets}. */
    public List<SocketAddress> addresses() {
        return delegate.getAddresses();
    }

    /**
     * Begins to accept connections; does nothing if it already does.
     *
     * <p>Source: {@code Server.start_serving()}.
     *
     * @return fails with {@link IllegalStateException} if it is closed
     */
    public Future<@Nullable Void> startServing() {
        return callForNothing(delegate::startServing);
    }

    /**
     * Accepts connections until it is closed, or the calling task is cancelled.
     *
     * <p>In both cases the server is closed, and this waits for the connections to end: forever if a client never disconnects. To
     * end a server in bounded time, call {@link #shutdown} in another task; then this ends by itself.
     *
     * <p>Source: {@code Server.serve_forever()}.
     *
     * @return never has a result: it is cancelled when the server is closed; fails with {@link IllegalStateException} if it is
     *     already closed, or another task already serves it forever
     */
    public Future<@Nullable Void> serveForever() {
        return callForNothing(delegate::serveForever);
    }

    /**
     * Stops accepting connections, without waiting. Open connections stay open.
     *
     * <p>Source: {@code Server.close()}.
     */
    @Override
    public void close() {
        delegate.close();
    }

    /** Closes all open connections. Source: {@code Server.close_clients()}. */
    public void closeClients() {
        delegate.closeClients();
    }

    /** Aborts all open connections. Source: {@code Server.abort_clients()}. */
    public void abortClients() {
        delegate.abortClients();
    }

    /**
     * Waits until the server and all its connections are closed: forever if a client never disconnects.
     *
     * <p>Source: {@code Server.wait_closed()}.
     */
    public Future<@Nullable Void> waitClosed() {
        return callForNothing(delegate::waitClosed);
    }

    /** As {@link #shutdown(Duration, Duration)}, with one second for {@code flush}. */
    public Future<@Nullable Void> shutdown(Duration grace) {
        return new Future<>(callInBody(withoutResult(JavaServer.shuttingDown(delegate, grace, null))));
    }

    /**
     * Shuts the server down in order and in bounded time: accepts no more connections, and returns when all connections are
     * closed.
     *
     * <p>Clients may finish for {@code grace}; this returns early when the last one has. Then the remaining connections are
     * closed, after what was written to them is sent; those that are still open after another {@code flush} are aborted.
     *
     * <p>Cancelling it aborts all connections, and waits for the turns that takes. asyncio has no equivalent.
     *
     * @param grace how long clients may stay; idle clients stay that long
     * @param flush how long they may then take to receive what was written
     */
    public Future<@Nullable Void> shutdown(Duration grace, Duration flush) {
        return new Future<>(callInBody(withoutResult(JavaServer.shuttingDown(delegate, grace, flush))));
    }

    /** Closes the server and waits for its connections to end. Source: the end of {@code async with server}. */
    public Future<@Nullable Void> aclose() {
        return callForNothing(delegate::aclose);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
