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
 * Listens at one or more addresses, and makes a transport and a protocol of each connection.
 *
 * <p>It goes on in the background until it is closed, by {@code try}-with-resources, say, or its loop is.
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
     * Begins to accept connections; does nothing if it does already.
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
     * <p>In both cases it is closed, and this waits for the connections to end: forever if a client never leaves. A server that
     * is to end in time is ended by {@link #shutdown}, in another task; then this ends by itself.
     *
     * <p>Source: {@code Server.serve_forever()}.
     *
     * @return never has a result: it is cancelled when the server is closed; fails with {@link IllegalStateException} if it is
     *     closed already, or somebody serves it forever already
     */
    public Future<@Nullable Void> serveForever() {
        return callForNothing(delegate::serveForever);
    }

    /**
     * Stops accepting connections, without a wait. Connections that are open stay so.
     *
     * <p>Source: {@code Server.close()}.
     */
    @Override
    public void close() {
        delegate.close();
    }

    /** Closes all connections that are open. Source: {@code Server.close_clients()}. */
    public void closeClients() {
        delegate.closeClients();
    }

    /** Closes all connections that are open at once. Source: {@code Server.abort_clients()}. */
    public void abortClients() {
        delegate.abortClients();
    }

    /**
     * Waits until it is closed and all its connections are, forever if a client never leaves.
     *
     * <p>Source: {@code Server.wait_closed()}.
     */
    public Future<@Nullable Void> waitClosed() {
        return callForNothing(delegate::waitClosed);
    }

    /** As {@link #shutdown(Duration, Duration)}, with a second for what was written. */
    public Future<@Nullable Void> shutdown(Duration grace) {
        return new Future<>(callInBody(withoutResult(JavaServer.shuttingDown(delegate, grace, null))));
    }

    /**
     * Ends it in order, and in time: accepts nothing more, and ends when all connections are closed.
     *
     * <p>For {@code grace} clients may finish, and it is over with the last of them. Then the connections that are left are
     * closed, after what was written to them is sent; those that are still open when {@code flush} has passed, too, are aborted.
     *
     * <p>Cancelling it aborts all connections, and waits the turns that takes. asyncio has no equivalent.
     *
     * @param grace how long clients may stay; one that is idle stays so long
     * @param flush how long they may then take to receive what was written
     */
    public Future<@Nullable Void> shutdown(Duration grace, Duration flush) {
        return new Future<>(callInBody(withoutResult(JavaServer.shuttingDown(delegate, grace, flush))));
    }

    /** Closes it and waits for its connections to end. Source: the end of {@code async with server}. */
    public Future<@Nullable Void> aclose() {
        return callForNothing(delegate::aclose);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
