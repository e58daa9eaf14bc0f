// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.CreateTaskKt;
import dev.simul.DefaultExecutorKt;
import dev.simul.EagerTaskFactory;
import dev.simul.RunUntilCompleteKt;
import dev.simul.ShutdownKt;
import dev.simul.ThreadsKt;
import dev.simul.bodies.Carrier;
import dev.simul.bodies.CarrierKt;
import dev.simul.interop.JavaPeers;
import dev.simul.interop.JavaResolver;
import dev.simul.interop.JavaTime;
import dev.simul.interop.JavaTls;
import dev.simul.interop.Repeating;
import dev.simul.loop.CloseCallbacksKt;
import dev.simul.loop.Registration;
import dev.simul.loop.RegistrationKt;
import dev.simul.loop.RunningLoopKt;
import dev.simul.loop.SignalsKt;
import dev.simul.loop.WatchKt;
import dev.simul.net.ConnectAcceptedSocketKt;
import dev.simul.net.ConnectPipesKt;
import dev.simul.net.Connection;
import dev.simul.net.CreateConnectionKt;
import dev.simul.net.CreateDatagramEndpointKt;
import dev.simul.net.CreateServerKt;
import dev.simul.net.CreateUnixConnectionKt;
import dev.simul.net.CreateUnixServerKt;
import dev.simul.net.DatagramCallsKt;
import dev.simul.net.ResolverKt;
import dev.simul.net.SendfileKt;
import dev.simul.net.SocketCallsKt;
import dev.simul.process.SubprocessExecKt;
import dev.simul.process.SubprocessProtocol;
import dev.simul.process.SubprocessTransport;
import dev.simul.tls.SslContext;
import dev.simul.transports.DatagramProtocol;
import dev.simul.transports.DatagramTransport;
import dev.simul.transports.StreamingProtocol;
import dev.simul.transports.Transport;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.Pipe;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.channels.spi.SelectorProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Calls.call;
import static dev.simul.facade.Calls.callForNothing;
import static dev.simul.facade.Calls.connecting;
import static dev.simul.facade.Calls.factoryOf;
import static dev.simul.interop.Bodies.bodyOf;
import static dev.simul.interop.Bodies.callInBody;
import static dev.simul.interop.Calls.startCalls;
import static dev.simul.interop.Calls.withoutResult;

/**
 * A loop of callbacks, one at a time: it waits for timers, for other threads and for the world.
 *
 * <p>Most programs need none: {@link Asyncio#run} makes one. Its callbacks are {@link Runnable}s, which cannot await; what
 * awaits is the body of a task.
 *
 * <p>Only {@link #callSoonThreadsafe}, {@link #time}, {@link #isRunning}, {@link #isClosed} and {@link #isInLoop} may be called from
 * other threads than the one that runs the loop. There is one object for each loop.
 *
 * <p>Source: {@code asyncio.EventLoop}.
 */
public final class EventLoop implements AutoCloseable {
    final dev.simul.loop.EventLoop delegate;

    private EventLoop(dev.simul.loop.EventLoop delegate) {
        this.delegate = delegate;
    }

    static EventLoop of(dev.simul.loop.EventLoop delegate) {
        return JavaPeers.<EventLoop>peerOf(delegate, EventLoop::new);
    }

    static dev.simul.loop.EventLoop running() {
        var running = RunningLoopKt.getRunningLoopOrNull();
        if (running == null) {
            throw new IllegalStateException("no running event loop in thread '" + Thread.currentThread().getName()
                    + "': do this inside run, in the body given to it or to createTask, or in a callback of a loop");
        }
        return running;
    }

    // Callbacks.

    /**
     * Has {@code callback} called in the next turn, after all that was scheduled before it.
     *
     * <p>Source: {@code loop.call_soon(callback)}.
     *
     * @throws IllegalStateException if the loop is closed; in debug mode also if another thread runs the loop
     */
    public Handle callSoon(Runnable callback) {
        return Handle.of(delegate.callSoon(null, new RunnableFunction(callback)));
    }

    /** As {@link #callSoon(Runnable)}, in {@code context} instead of a copy of the current one. */
    public Handle callSoon(Context context, Runnable callback) {
        return Handle.of(delegate.callSoon(Context.delegateOf(context), new RunnableFunction(callback)));
    }

    /**
     * As {@link #callSoon(Runnable)}, from any thread, waking the loop if it waits. Calls of one thread are kept in order.
     *
     * <p>Source: {@code loop.call_soon_threadsafe(callback)}.
     *
     * @throws IllegalStateException if the loop is closed
     */
    public Handle callSoonThreadsafe(Runnable callback) {
        return Handle.of(delegate.callSoonThreadsafe(null, new RunnableFunction(callback)));
    }

    /** As {@link #callSoonThreadsafe(Runnable)}, in {@code context} instead of a copy of the current one. */
    public Handle callSoonThreadsafe(Context context, Runnable callback) {
        return Handle.of(delegate.callSoonThreadsafe(Context.delegateOf(context), new RunnableFunction(callback)));
    }

    /**
     * Has {@code callback} called after {@code delay}; one that is not positive means as soon as possible.
     *
     * <p>Timers of one deadline are called in the order they were made.
     *
     * <p>Source: {@code loop.call_later(delay, callback)}.
     *
     * @throws IllegalStateException if the loop is closed; in debug mode also if another thread runs the loop
     */
    public TimerHandle callLater(Duration delay, Runnable callback) {
        return new TimerHandle(JavaTime.callLater(delegate, delay, null, new RunnableFunction(callback)));
    }

    /** As {@link #callLater(Duration, Runnable)}, in {@code context} instead of a copy of the current one. */
    public TimerHandle callLater(Duration delay, Context context, Runnable callback) {
        return new TimerHandle(
                JavaTime.callLater(delegate, delay, Context.delegateOf(context), new RunnableFunction(callback)));
    }

    /**
     * As {@link #callLater(Duration, Runnable)}, at {@code when}, a time of {@link #time}.
     *
     * <p>Source: {@code loop.call_at(when, callback)}.
     */
    public TimerHandle callAt(Duration when, Runnable callback) {
        return new TimerHandle(JavaTime.callAt(delegate, when, null, new RunnableFunction(callback)));
    }

    /** As {@link #callAt(Duration, Runnable)}, in {@code context} instead of a copy of the current one. */
    public TimerHandle callAt(Duration when, Context context, Runnable callback) {
        return new TimerHandle(
                JavaTime.callAt(delegate, when, Context.delegateOf(context), new RunnableFunction(callback)));
    }

    /** The time of the loop's clock, since an origin of its own. Source: {@code loop.time()}. */
    public Duration time() {
        return JavaTime.timeOf(delegate);
    }

    // Signals.

    /**
     * Has {@code callback} called, as a callback of this loop, whenever the process gets {@code signal}; adding one for a signal
     * that this loop has a handler for replaces that one.
     *
     * <p>It waits for its turn like every callback: a task that goes on for long without awaiting delays it. A signal that comes
     * while the loop is not running is dealt with when it runs. Of several loops that have handlers for one signal, the one which
     * added last gets it. Closing the loop removes its handlers.
     *
     * <p>So a server ends in order when it is told to end:
     *
     * <pre>{@code
     * run(() -> {
     *     var main = currentTask();
     *     getRunningLoop().addSignalHandler("TERM", () -> main.cancel("SIGTERM"));
     *     try {
     *         serve();
     *     } catch (CancelledException e) {
     *         throw new SystemExit(143);
     *     }
     *     return null;
     * });
     * }</pre>
     *
     * <p>Source: {@code loop.add_signal_handler(sig, callback)}, which works in the main thread only; here any thread's loop
     * may have handlers. {@code HUP}, {@code INT} and {@code TERM} stay ignored, with a warning, if this process was started to
     * ignore them, as {@code nohup} and the {@code &} of a script do.
     *
     * @param signal its name, as the system's {@code kill -l} lists it: {@code "TERM"} or {@code "SIGTERM"}
     * @throws IllegalArgumentException if this system knows no signal of that name
     * @throws IllegalStateException if no program can catch that signal, or the JVM keeps it to itself; if the loop is closed; in
     *     debug mode also if another thread runs the loop
     */
    public void addSignalHandler(String signal, Runnable callback) {
        SignalsKt.addSignalHandler(delegate, signal, null, new RunnableFunction(callback));
    }

    /** As {@link #addSignalHandler(String, Runnable)}, in {@code context} instead of a copy of the current one. */
    public void addSignalHandler(String signal, Context context, Runnable callback) {
        SignalsKt.addSignalHandler(delegate, signal, Context.delegateOf(context), new RunnableFunction(callback));
    }

    /**
     * Removes the handler that this loop has for {@code signal}: the signal is another loop's then which has one, or does what it
     * did before.
     *
     * <p>Source: {@code loop.remove_signal_handler(sig)}.
     *
     * @return whether there was a handler
     * @throws IllegalArgumentException if this system knows no signal of that name
     */
    public boolean removeSignalHandler(String signal) {
        return SignalsKt.removeSignalHandler(delegate, signal);
    }

    // Channels.

    /**
     * What opens the sockets and pipes of this loop, and of those who have it watch their channels. asyncio has no equivalent.
     */
    public SelectorProvider getSelectorProvider() {
        return delegate.getSelectorProvider();
    }

    /**
     * Has this loop watch {@code channel} for another library, an event loop of its own say, and {@code callback} called with
     * what the channel is ready for, in each turn in which that is some of {@code interestOps}.
     *
     * <p>The channel becomes non-blocking. What is ready and not dealt with is told again in the next turn. Most programs need
     * streams, or {@link #addReader} and {@link #addWriter}, instead.
     *
     * <p>asyncio has no equivalent: {@code selectors.BaseSelector.register(fileobj, events)} is behind the loop.
     *
     * @param channel any that the loop's {@linkplain #getSelectorProvider provider} has opened
     * @param interestOps some of {@link java.nio.channels.SelectionKey}'s constants, added up; 0 for nothing at present
     * @return what says later what is of interest, and ends it
     * @throws IllegalStateException if the loop is closed, or the channel is watched already; in debug mode also if another
     *     thread runs the loop
     * @throws IllegalArgumentException if the channel is another provider's, or has no such operations
     */
    public Registration register(SelectableChannel channel, int interestOps, IntConsumer callback) {
        return RegistrationKt.register(delegate, channel, interestOps, null, new IntConsumingFunction(callback));
    }

    /** As {@link #register(SelectableChannel, int, IntConsumer)}, in {@code context} instead of a copy of the current one. */
    public Registration register(SelectableChannel channel, int interestOps, Context context, IntConsumer callback) {
        return RegistrationKt.register(
                delegate, channel, interestOps, Context.delegateOf(context), new IntConsumingFunction(callback));
    }

    /**
     * Has {@code callback} called in each turn in which {@code channel} can be read, or accept a connection, until
     * {@link #removeReader}.
     *
     * <p>The channel becomes non-blocking. There is one reader of a channel: another one replaces it.
     *
     * <p>Source: {@code loop.add_reader(fd, callback)}.
     *
     * @throws IllegalStateException if the loop is closed, or a transport has the channel
     */
    public Handle addReader(SelectableChannel channel, Runnable callback) {
        return Handle.of(WatchKt.addReader(delegate, channel, null, new RunnableFunction(callback)));
    }

    /** As {@link #addReader(SelectableChannel, Runnable)}, in {@code context} instead of a copy of the current one. */
    public Handle addReader(SelectableChannel channel, Context context, Runnable callback) {
        return Handle.of(WatchKt.addReader(delegate, channel, Context.delegateOf(context), new RunnableFunction(callback)));
    }

    /**
     * Has {@code callback} called in each turn in which {@code channel} can be written, or has finished connecting, until
     * {@link #removeWriter}.
     *
     * <p>The channel becomes non-blocking. There is one writer of a channel: another one replaces it.
     *
     * <p>Source: {@code loop.add_writer(fd, callback)}.
     *
     * @throws IllegalStateException if the loop is closed, or a transport has the channel
     */
    public Handle addWriter(SelectableChannel channel, Runnable callback) {
        return Handle.of(WatchKt.addWriter(delegate, channel, null, new RunnableFunction(callback)));
    }

    /** As {@link #addWriter(SelectableChannel, Runnable)}, in {@code context} instead of a copy of the current one. */
    public Handle addWriter(SelectableChannel channel, Context context, Runnable callback) {
        return Handle.of(WatchKt.addWriter(delegate, channel, Context.delegateOf(context), new RunnableFunction(callback)));
    }

    /**
     * Ends what {@link #addReader} began. Source: {@code loop.remove_reader(fd)}.
     *
     * @return whether there was a reader
     * @throws IllegalStateException if a transport has the channel
     */
    public boolean removeReader(SelectableChannel channel) {
        return WatchKt.removeReader(delegate, channel);
    }

    /**
     * Ends what {@link #addWriter} began. Source: {@code loop.remove_writer(fd)}.
     *
     * @return whether there was a writer
     * @throws IllegalStateException if a transport has the channel
     */
    public boolean removeWriter(SelectableChannel channel) {
        return WatchKt.removeWriter(delegate, channel);
    }

    // Connections and servers.

    /**
     * Connects to a port of {@code host}, and has {@code protocolFactory} make a protocol when there is a connection.
     *
     * <p>If the task is cancelled, no connection stays open. The protocol's {@code connectionMade} was called when this has a
     * result.
     *
     * <p>Source: {@code loop.create_connection(protocol_factory, host, port)}.
     *
     * @param host a name or an address; null for this machine
     * @return fails with {@link java.net.ConnectException} if the peer refuses, and otherwise with another
     *     {@link java.io.IOException}
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> createConnection(
            @Nullable String host, int port, Supplier<? extends P> protocolFactory) {
        return createConnection(host, port, ConnectionOptions.NONE, protocolFactory);
    }

    /** As {@link #createConnection(String, int, Supplier)}, with options. */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> createConnection(
            @Nullable String host, int port, ConnectionOptions options, Supplier<? extends P> protocolFactory) {
        var chosen = options.delegate();
        return connecting(continuation -> CreateConnectionKt.createConnection(
                delegate, host, port, chosen, factoryOf(protocolFactory), continuation));
    }

    /**
     * Makes a transport of {@code channel}, which was connected elsewhere and becomes the transport's: it is closed if this fails.
     *
     * <p>Source: {@code loop.create_connection(protocol_factory, sock=sock)}.
     *
     * @return fails with {@link IllegalArgumentException} if the channel is not connected
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> createConnection(
            SocketChannel channel, ConnectionOptions options, Supplier<? extends P> protocolFactory) {
        var chosen = options.delegate();
        return connecting(continuation -> CreateConnectionKt.createConnection(
                delegate, channel, chosen, factoryOf(protocolFactory), continuation));
    }

    /**
     * Makes a transport of {@code channel}, which was accepted elsewhere and becomes the transport's: it is closed if this fails.
     *
     * <p>Source: {@code loop.connect_accepted_socket(protocol_factory, sock)}.
     *
     * @return fails with {@link IllegalArgumentException} if the channel is not connected
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectAcceptedSocket(
            SocketChannel channel, Supplier<? extends P> protocolFactory) {
        return connectAcceptedSocket(channel, ServerOptions.NONE, protocolFactory);
    }

    /** As {@link #connectAcceptedSocket(SocketChannel, Supplier)}, with options; those of TLS count. */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectAcceptedSocket(
            SocketChannel channel, ServerOptions options, Supplier<? extends P> protocolFactory) {
        var chosen = options.delegate();
        return connecting(continuation -> ConnectAcceptedSocketKt.connectAcceptedSocket(
                delegate, channel, chosen, factoryOf(protocolFactory), continuation));
    }

    /**
     * Connects to the Unix domain socket at {@code path}.
     *
     * <p>If the task is cancelled, no connection stays open.
     *
     * <p>Source: {@code loop.create_unix_connection(protocol_factory, path)}.
     *
     * @return fails with {@link java.io.IOException} if no server listens there, or its queue of connections is full
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> createUnixConnection(
            Path path, Supplier<? extends P> protocolFactory) {
        return createUnixConnection(path, ConnectionOptions.NONE, protocolFactory);
    }

    /** As {@link #createUnixConnection(Path, Supplier)}, with options; those about addresses are ignored. */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> createUnixConnection(
            Path path, ConnectionOptions options, Supplier<? extends P> protocolFactory) {
        var chosen = options.delegate();
        return connecting(continuation -> CreateUnixConnectionKt.createUnixConnection(
                delegate, path, chosen, factoryOf(protocolFactory), continuation));
    }

    /**
     * Listens at a port of {@code host}, and has {@code protocolFactory} make a protocol for each connection.
     *
     * <p>Source: {@code loop.create_server(protocol_factory, host, port)}.
     *
     * @param host a name or an address; null or empty for all interfaces, IPv4 and IPv6
     * @param port 0 for any free port; {@link Server#addresses} has it
     * @return fails with {@link java.net.BindException} if the address is in use or not this machine's
     */
    public Future<Server> createServer(
            @Nullable String host, int port, Supplier<? extends StreamingProtocol> protocolFactory) {
        return createServer(host, port, ServerOptions.NONE, protocolFactory);
    }

    /** As {@link #createServer(String, int, Supplier)}, with options. */
    public Future<Server> createServer(
            @Nullable String host,
            int port,
            ServerOptions options,
            Supplier<? extends StreamingProtocol> protocolFactory) {
        return createServer(Collections.singletonList(host), port, options, protocolFactory);
    }

    /** As {@link #createServer(String, int, ServerOptions, Supplier)}, for several hosts. If one cannot be bound, none is. */
    public Future<Server> createServer(
            Collection<? extends @Nullable String> hosts,
            int port,
            ServerOptions options,
            Supplier<? extends StreamingProtocol> protocolFactory) {
        var chosen = options.delegate();
        Collection<@Nullable String> all = new ArrayList<>(hosts);
        return call(
                continuation -> CreateServerKt.createServer(delegate, all, port, chosen, factoryOf(protocolFactory), continuation),
                Server::new);
    }

    /**
     * Makes a transport and a protocol of each connection to {@code channel}, which the caller has bound, and which becomes the
     * server's.
     *
     * <p>Source: {@code loop.create_server(protocol_factory, sock=sock)}.
     *
     * @return fails with {@link IllegalArgumentException} if the channel is not bound
     */
    public Future<Server> createServer(
            ServerSocketChannel channel,
            ServerOptions options,
            Supplier<? extends StreamingProtocol> protocolFactory) {
        var chosen = options.delegate();
        return call(
                continuation -> CreateServerKt.createServer(delegate, channel, chosen, factoryOf(protocolFactory), continuation),
                Server::new);
    }

    /**
     * Listens at the Unix domain socket {@code path}, and has {@code protocolFactory} make a protocol for each connection.
     *
     * <p>A socket that lies there already is removed first; a file of another kind is not. When the server closes, the socket is
     * removed, unless something else lies there by then.
     *
     * <p>Source: {@code loop.create_unix_server(protocol_factory, path)}.
     *
     * @return fails with {@link java.net.BindException} if something else lies there
     */
    public Future<Server> createUnixServer(Path path, Supplier<? extends StreamingProtocol> protocolFactory) {
        return createUnixServer(path, ServerOptions.NONE, true, protocolFactory);
    }

    /**
     * As {@link #createUnixServer(Path, Supplier)}, with options.
     *
     * @param cleanupSocket whether the socket is removed when the server closes
     */
    public Future<Server> createUnixServer(
            Path path,
            ServerOptions options,
            boolean cleanupSocket,
            Supplier<? extends StreamingProtocol> protocolFactory) {
        var chosen = options.delegate();
        return call(
                continuation -> CreateUnixServerKt.createUnixServer(
                        delegate, path, chosen, cleanupSocket, factoryOf(protocolFactory), continuation),
                Server::new);
    }

    /**
     * As {@link #createUnixServer(Path, ServerOptions, boolean, Supplier)}, by a channel that the caller has bound, which becomes
     * the server's.
     *
     * @return fails with {@link IllegalArgumentException} if the channel is not bound, or not in the Unix domain
     */
    public Future<Server> createUnixServer(
            ServerSocketChannel channel,
            ServerOptions options,
            boolean cleanupSocket,
            Supplier<? extends StreamingProtocol> protocolFactory) {
        var chosen = options.delegate();
        return call(
                continuation -> CreateUnixServerKt.createUnixServer(
                        delegate, channel, chosen, cleanupSocket, factoryOf(protocolFactory), continuation),
                Server::new);
    }

    /**
     * Goes on with TLS on a connection that has spoken without, once both sides have agreed to; also inside of TLS.
     *
     * <p>Neither side may send anything in between. {@code protocol} goes on with the transport that is the result, and is not
     * told of a new connection; the old transport is left alone. If the task is cancelled, or the handshake fails, the connection
     * is closed.
     *
     * <p>Source: {@code loop.start_tls(transport, protocol, sslcontext, server_side=..., server_hostname=...)}.
     *
     * @param serverSide whether this is the side that shows a certificate
     * @param serverHostname the name that the server's certificate must match; null for no check, which the context must allow
     * @return fails with {@link javax.net.ssl.SSLException} if the handshake fails, and with another {@link java.io.IOException}
     *     if the connection is lost, or the handshake takes too long; with {@link IllegalStateException} if the sending direction
     *     of the transport has ended, and with {@link UnsupportedOperationException} if it is a pipe, which stay open then
     */
    public Future<Transport> startTls(
            Transport transport,
            StreamingProtocol protocol,
            SslContext context,
            boolean serverSide,
            @Nullable String serverHostname) {
        return startTls(transport, protocol, context, serverSide, serverHostname, null, null);
    }

    /**
     * As {@link #startTls(Transport, StreamingProtocol, SslContext, boolean, String)}.
     *
     * @param sslHandshakeTimeout how long the handshake may take; a minute if it is null
     * @param sslShutdownTimeout how long the connection may take to close; half a minute if it is null
     */
    public Future<Transport> startTls(
            Transport transport,
            StreamingProtocol protocol,
            SslContext context,
            boolean serverSide,
            @Nullable String serverHostname,
            @Nullable Duration sslHandshakeTimeout,
            @Nullable Duration sslShutdownTimeout) {
        return new Future<>(callInBody(JavaTls.startingTls(
                delegate, transport, protocol, context, serverSide, serverHostname, sslHandshakeTimeout, sslShutdownTimeout)));
    }

    /**
     * Sends {@code file}, all of it, by {@code transport}, after all that was written before.
     *
     * <p>Meanwhile nothing is received, and nothing may be written. By a plain connection the system sends the file, without a copy
     * in this process; otherwise it is read in threads of the executor, and written. Its position is left behind the last byte that
     * was sent, also if this fails or the task is cancelled.
     *
     * <p>Source: {@code loop.sendfile(transport, file)}.
     *
     * @return how many bytes were sent; fails with {@link java.io.IOException} if the connection is lost, and with
     *     {@link IllegalStateException} if the transport is closing, or sends a file already
     */
    public Future<Long> sendfile(Transport transport, FileChannel file) {
        return sendfile(transport, file, 0, null, true);
    }

    /**
     * As {@link #sendfile(Transport, FileChannel)}, of a part.
     *
     * <p>Source: {@code loop.sendfile(transport, file, offset, count, fallback=fallback)}.
     *
     * @param offset where in the file to begin
     * @param count how many bytes to send, if there are as many; null for all
     * @param fallback whether the file may be read and written; otherwise this fails with
     *     {@link dev.simul.net.SendfileNotAvailableException} if the system cannot send it
     */
    public Future<Long> sendfile(
            Transport transport, FileChannel file, long offset, @Nullable Long count, boolean fallback) {
        return call(continuation -> SendfileKt.sendfile(delegate, transport, file, offset, count, fallback, continuation));
    }

    // Datagrams.

    /**
     * Opens a socket for datagrams.
     *
     * <p>Names in the addresses, {@link InetSocketAddress#createUnresolved}, are looked up; pairs of a local and a remote address
     * of one family are tried in turn. If the task is cancelled there is no endpoint.
     *
     * <p>Source: {@code loop.create_datagram_endpoint(protocol_factory, local_addr, remote_addr)}.
     *
     * @param localAddr what it is bound to; null for any port that is free
     * @param remoteAddr the only address to send to, and to receive from; null for any
     * @return fails with {@link IllegalArgumentException} if there is no address, or no family that both have, and with
     *     {@link java.io.IOException} if no address can be bound or connected to
     */
    public <P extends DatagramProtocol> Future<Connection<DatagramTransport, P>> createDatagramEndpoint(
            @Nullable InetSocketAddress localAddr,
            @Nullable InetSocketAddress remoteAddr,
            Supplier<? extends P> protocolFactory) {
        return createDatagramEndpoint(localAddr, remoteAddr, DatagramOptions.NONE, protocolFactory);
    }

    /** As {@link #createDatagramEndpoint(InetSocketAddress, InetSocketAddress, Supplier)}, with options. */
    public <P extends DatagramProtocol> Future<Connection<DatagramTransport, P>> createDatagramEndpoint(
            @Nullable InetSocketAddress localAddr,
            @Nullable InetSocketAddress remoteAddr,
            DatagramOptions options,
            Supplier<? extends P> protocolFactory) {
        return connecting(continuation -> CreateDatagramEndpointKt.createDatagramEndpoint(
                delegate,
                localAddr,
                remoteAddr,
                options.family,
                options.reusePort,
                options.allowBroadcast,
                factoryOf(protocolFactory),
                continuation));
    }

    /**
     * Makes an endpoint of {@code channel}, which the caller has bound or connected, and which becomes the transport's: it is
     * closed if this fails.
     *
     * <p>Source: {@code loop.create_datagram_endpoint(protocol_factory, sock=sock)}.
     */
    public <P extends DatagramProtocol> Future<Connection<DatagramTransport, P>> createDatagramEndpoint(
            DatagramChannel channel, Supplier<? extends P> protocolFactory) {
        return connecting(continuation -> CreateDatagramEndpointKt.createDatagramEndpoint(
                delegate, channel, factoryOf(protocolFactory), continuation));
    }

    // Names.

    /**
     * Sets who finds the addresses of hosts for this loop: for connections, servers, datagrams, {@link #getaddrinfo} and
     * {@link #getnameinfo}.
     *
     * <p>At first the JDK is asked, in threads of the default executor. asyncio has no equivalent.
     *
     * @param resolver null for the JDK again
     */
    public void setResolver(@Nullable Resolver resolver) {
        JavaResolver.setResolver(
                delegate,
                resolver == null ? null : host -> bodyOf(() -> resolver.getaddrinfo(host)),
                resolver == null ? null : address -> bodyOf(() -> resolver.getnameinfo(address)));
    }

    /** As {@link #getaddrinfo(String, int, StandardProtocolFamily)}, of both families. */
    public Future<List<InetSocketAddress>> getaddrinfo(@Nullable String host, int port) {
        return getaddrinfo(host, port, null);
    }

    /**
     * The addresses of {@code host}, which the loop's {@linkplain #setResolver resolver} looks up unless it is an address itself.
     *
     * <p>The system's come in the JDK's order, which puts IPv4 first unless the system property
     * {@code java.net.preferIPv6Addresses} says otherwise. Cancelling it ends the wait; the system's look-up goes on, and its result
     * is dropped.
     *
     * <p>Source: {@code loop.getaddrinfo(host, port, family=family)}.
     *
     * @param host null for the loopback interface
     * @param family the only family to give addresses of; both if it is null
     * @return fails with {@link java.net.UnknownHostException} if it has none
     */
    public Future<List<InetSocketAddress>> getaddrinfo(
            @Nullable String host, int port, @Nullable StandardProtocolFamily family) {
        return Calls.<List<? extends InetSocketAddress>, List<InetSocketAddress>>call(
                continuation -> ResolverKt.getaddrinfo(delegate, host, port, family, continuation), List::copyOf);
    }

    /**
     * The name of the host of {@code address}, which the loop's {@linkplain #setResolver resolver} looks up; the address as text if it
     * has none.
     *
     * <p>Source: the first of the two that {@code loop.getnameinfo(sockaddr)} returns.
     */
    public Future<String> getnameinfo(InetSocketAddress address) {
        return call(continuation -> ResolverKt.getnameinfo(delegate, address, continuation));
    }

    // Channels, without transports.

    /**
     * Receives up to {@code count} bytes by {@code channel}, as soon as there are some.
     *
     * <p>As all these calls it tries at once, and waits only if it must; the channel becomes non-blocking. If the task is cancelled
     * nothing has been taken from the channel.
     *
     * <p>Source: {@code loop.sock_recv(sock, nbytes)}.
     *
     * @return no bytes if the peer sends nothing more; fails with {@link java.io.IOException} if the connection is lost, and
     *     with {@link IllegalStateException} if a transport has the channel, or another task waits to receive by it
     */
    public <C extends SelectableChannel & ReadableByteChannel> Future<byte[]> sockRecv(C channel, int count) {
        return call(continuation -> SocketCallsKt.sockRecv(delegate, channel, count, continuation));
    }

    /**
     * As {@link #sockRecv}, into {@code buffer}, whose position moves behind what has come.
     *
     * <p>Source: {@code loop.sock_recv_into(sock, buf)}.
     *
     * @return how many bytes have come; 0 if the peer sends nothing more, or the buffer is full
     */
    public <C extends SelectableChannel & ReadableByteChannel> Future<Integer> sockRecvInto(
            C channel, ByteBuffer buffer) {
        return call(continuation -> SocketCallsKt.sockRecvInto(delegate, channel, buffer, continuation));
    }

    /**
     * Sends all of {@code data} by {@code channel}, waiting as long as that takes.
     *
     * <p>If it fails, or the task is cancelled, a part may have been sent.
     *
     * <p>Source: {@code loop.sock_sendall(sock, data)}.
     *
     * @return fails with {@link java.io.IOException} if the connection is lost, and with {@link IllegalStateException} if a
     *     transport has the channel, or another task waits to send by it
     */
    public <C extends SelectableChannel & WritableByteChannel> Future<@Nullable Void> sockSendall(
            C channel, byte[] data) {
        return sockSendall(channel, ByteBuffer.wrap(data));
    }

    /** As {@link #sockSendall(SelectableChannel, byte[])}; the position of {@code data} tells how much has been sent. */
    public <C extends SelectableChannel & WritableByteChannel> Future<@Nullable Void> sockSendall(
            C channel, ByteBuffer data) {
        return callForNothing(continuation -> SocketCallsKt.sockSendall(delegate, channel, data, continuation));
    }

    /**
     * Connects {@code channel} to {@code address}; the host is looked up if it is a name,
     * {@link InetSocketAddress#createUnresolved}.
     *
     * <p>If it fails the channel is closed; if the task is cancelled, close it.
     *
     * <p>Source: {@code loop.sock_connect(sock, address)}.
     *
     * @return fails with {@link java.io.IOException} if there is no connection: a {@link java.net.ConnectException} if the peer
     *     refuses
     */
    public Future<@Nullable Void> sockConnect(SocketChannel channel, SocketAddress address) {
        return callForNothing(continuation -> SocketCallsKt.sockConnect(delegate, channel, address, continuation));
    }

    /**
     * Accepts a connection to {@code channel}, waiting for one.
     *
     * <p>Source: {@code loop.sock_accept(sock)}.
     *
     * @return the connection, non-blocking; fails with {@link IllegalStateException} if a server has the channel, or another task
     *     waits to accept by it
     */
    public Future<SocketChannel> sockAccept(ServerSocketChannel channel) {
        return call(continuation -> SocketCallsKt.sockAccept(delegate, channel, continuation));
    }

    /**
     * Receives a datagram by {@code channel}; what is longer than {@code size} bytes is cut off.
     *
     * <p>Source: {@code loop.sock_recvfrom(sock, bufsize)}.
     *
     * @return fails with {@link java.io.IOException} if what was sent to the peer of a connected channel was refused, and with
     *     {@link IllegalStateException} if a transport has the channel, or another task waits to receive by it
     */
    public Future<Datagram> sockRecvfrom(DatagramChannel channel, int size) {
        return call(continuation -> DatagramCallsKt.sockRecvfrom(delegate, channel, size, continuation), Datagram::of);
    }

    /**
     * As {@link #sockRecvfrom}, into {@code buffer}, whose position moves behind the datagram.
     *
     * <p>Source: {@code loop.sock_recvfrom_into(sock, buf)}.
     *
     * @return where it came from
     */
    public Future<SocketAddress> sockRecvfromInto(DatagramChannel channel, ByteBuffer buffer) {
        return call(continuation -> DatagramCallsKt.sockRecvfromInto(delegate, channel, buffer, continuation));
    }

    /**
     * Sends {@code data} to {@code address} as one datagram, as soon as the system takes it.
     *
     * <p>Source: {@code loop.sock_sendto(sock, data, address)}.
     *
     * @return how many bytes it has; fails with {@link java.io.IOException} if the system refuses it
     */
    public Future<Integer> sockSendto(DatagramChannel channel, byte[] data, SocketAddress address) {
        return sockSendto(channel, ByteBuffer.wrap(data), address);
    }

    /** As {@link #sockSendto(DatagramChannel, byte[], SocketAddress)}. */
    public Future<Integer> sockSendto(DatagramChannel channel, ByteBuffer data, SocketAddress address) {
        return call(continuation -> DatagramCallsKt.sockSendto(delegate, channel, data, address, continuation));
    }

    /** As {@link #sockSendfile(SocketChannel, FileChannel, long, Long)}, of all of the file. */
    public Future<Long> sockSendfile(SocketChannel channel, FileChannel file) {
        return sockSendfile(channel, file, 0, null);
    }

    /**
     * Sends {@code file} by {@code channel}: the system does, without a copy in this process. The position of the file is left
     * behind the last byte that was sent, also if this fails or the task is cancelled.
     *
     * <p>Source: {@code loop.sock_sendfile(sock, file, offset, count)}.
     *
     * @param offset where in the file to begin
     * @param count how many bytes to send, if there are as many; null for all
     * @return how many bytes were sent; fails with {@link java.io.IOException} if the connection is lost, and with
     *     {@link IllegalStateException} if a transport has the channel, or another task waits to send by it
     */
    public Future<Long> sockSendfile(SocketChannel channel, FileChannel file, long offset, @Nullable Long count) {
        return call(continuation -> SendfileKt.sockSendfile(delegate, channel, file, offset, count, continuation));
    }

    // Pipes and subprocesses.

    /**
     * Receives what comes out of {@code pipe}, which becomes non-blocking, and belongs to the transport: that closes it.
     *
     * <p>The transport's methods for writing throw an {@link UnsupportedOperationException}. If the task is cancelled the pipe is
     * closed.
     *
     * <p>Source: {@code loop.connect_read_pipe(protocol_factory, pipe)}.
     *
     * @return fails with {@link UnsupportedOperationException} if the loop is on virtual time, and with
     *     {@link IllegalStateException} if another transport has the pipe
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectReadPipe(
            Pipe.SourceChannel pipe, Supplier<? extends P> protocolFactory) {
        return connecting(
                continuation -> ConnectPipesKt.connectReadPipe(delegate, pipe, factoryOf(protocolFactory), continuation));
    }

    /**
     * As {@link #connectReadPipe(Pipe.SourceChannel, Supplier)}, for a stream that can only be read by waiting in it, such as
     * {@link System#in}: a thread does that. It reads up to 64 KiB, and goes on when the loop has taken these and the transport is
     * not paused.
     *
     * <p>A thread that waits in the stream when the transport is closed stays there until the stream lets it go: pipes of processes
     * and terminals do so when there is something to read, or their other end is closed; sockets at once.
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectReadPipe(
            InputStream pipe, Supplier<? extends P> protocolFactory) {
        return connecting(
                continuation -> ConnectPipesKt.connectReadPipe(delegate, pipe, factoryOf(protocolFactory), continuation));
    }

    /**
     * Sends into {@code pipe}, which becomes non-blocking, and belongs to the transport: that closes it.
     *
     * <p>The transport's methods for reading throw an {@link UnsupportedOperationException}; its {@code writeEof} is {@code close}.
     * It finds out that nobody reads when it writes. If the task is cancelled the pipe is closed.
     *
     * <p>Source: {@code loop.connect_write_pipe(protocol_factory, pipe)}.
     *
     * @return fails with {@link UnsupportedOperationException} if the loop is on virtual time, and with
     *     {@link IllegalStateException} if another transport has the pipe
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectWritePipe(
            Pipe.SinkChannel pipe, Supplier<? extends P> protocolFactory) {
        return connecting(
                continuation -> ConnectPipesKt.connectWritePipe(delegate, pipe, factoryOf(protocolFactory), continuation));
    }

    /**
     * As {@link #connectWritePipe(Pipe.SinkChannel, Supplier)}, for a stream that can only be written by waiting in it, such as
     * {@link System#out}: a thread does that, and flushes it each time.
     *
     * <p>A thread that waits in the stream when the transport is aborted stays there until the stream lets it go.
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectWritePipe(
            OutputStream pipe, Supplier<? extends P> protocolFactory) {
        return connecting(
                continuation -> ConnectPipesKt.connectWritePipe(delegate, pipe, factoryOf(protocolFactory), continuation));
    }

    /** As {@link #subprocessExec(ProcessOptions, Supplier, String, String...)}, with three pipes. */
    public <P extends SubprocessProtocol> Future<Connection<SubprocessTransport, P>> subprocessExec(
            Supplier<? extends P> protocolFactory, String program, String... args) {
        return subprocessExec(ProcessOptions.NONE, protocolFactory, program, args);
    }

    /**
     * Starts {@code program}, which the system looks up on its path, with {@code args}.
     *
     * <p>If the task is cancelled, the child is killed and waited for, as it is when the loop is closed. Starting it blocks the
     * loop for some milliseconds.
     *
     * <p>Source: {@code loop.subprocess_exec(protocol_factory, program, *args)}.
     *
     * @return fails with {@link java.io.IOException} if it cannot be started: there is no such program or directory, or the
     *     system refuses; with {@link IllegalArgumentException} if a stream cannot be redirected that way
     */
    public <P extends SubprocessProtocol> Future<Connection<SubprocessTransport, P>> subprocessExec(
            ProcessOptions options, Supplier<? extends P> protocolFactory, String program, String... args) {
        var piped = options.orPipes();
        String[] all = args.clone();
        return connecting(continuation -> SubprocessExecKt.subprocessExec(
                delegate,
                program,
                all,
                piped.stdin(),
                piped.stdout(),
                piped.stderr(),
                piped.cwd(),
                piped.env(),
                factoryOf(protocolFactory),
                continuation));
    }

    /** As {@link #subprocessShell(ProcessOptions, Supplier, String)}, with three pipes. */
    public <P extends SubprocessProtocol> Future<Connection<SubprocessTransport, P>> subprocessShell(
            Supplier<? extends P> protocolFactory, String cmd) {
        return subprocessShell(ProcessOptions.NONE, protocolFactory, cmd);
    }

    /**
     * As {@link #subprocessExec(ProcessOptions, Supplier, String, String...)}, for a command line of the system's shell:
     * {@code /bin/sh -c}, on Windows {@code cmd /c}. The caller must quote untrusted text.
     *
     * <p>Source: {@code loop.subprocess_shell(protocol_factory, cmd)}.
     */
    public <P extends SubprocessProtocol> Future<Connection<SubprocessTransport, P>> subprocessShell(
            ProcessOptions options, Supplier<? extends P> protocolFactory, String cmd) {
        var piped = options.orPipes();
        return connecting(continuation -> SubprocessExecKt.subprocessShell(
                delegate,
                cmd,
                piped.stdin(),
                piped.stdout(),
                piped.stderr(),
                piped.cwd(),
                piped.env(),
                factoryOf(protocolFactory),
                continuation));
    }

    // Futures and tasks.

    /** As {@link Asyncio#createFuture}, of this loop. Source: {@code loop.create_future()}. */
    public <T extends @Nullable Object> Future<T> createFuture() {
        return Future.createdBy(delegate);
    }

    /**
     * As {@link Asyncio#createTask(Callable)}, of this loop, which need not run yet.
     *
     * <p>Source: {@code loop.create_task(coro)}.
     *
     * @throws IllegalStateException if the loop is closed
     */
    public <T extends @Nullable Object> Task<T> createTask(Callable<T> body) {
        return createTask(TaskOptions.NONE, body);
    }

    /** As {@link #createTask(Callable)}, for a body that returns nothing. */
    public Task<@Nullable Void> createTask(Action body) {
        return createTask(new ActionBody(body));
    }

    /** As {@link #createTask(Callable)}; the task is called {@code name}. */
    public <T extends @Nullable Object> Task<T> createTask(String name, Callable<T> body) {
        return createTask(TaskOptions.NONE.name(name), body);
    }

    /** As {@link #createTask(String, Callable)}, for a body that returns nothing. */
    public Task<@Nullable Void> createTask(String name, Action body) {
        return createTask(name, new ActionBody(body));
    }

    /** As {@link #createTask(Callable)}, with options. */
    public <T extends @Nullable Object> Task<T> createTask(TaskOptions options, Callable<T> body) {
        startCalls();
        return Task.of(CreateTaskKt.createTask(
                delegate, bodyOf(body), options.name, Context.delegateOf(options.context), options.eagerStart));
    }

    /** As {@link #createTask(TaskOptions, Callable)}, for a body that returns nothing. */
    public Task<@Nullable Void> createTask(TaskOptions options, Action body) {
        return createTask(options, new ActionBody(body));
    }

    /**
     * Has tasks start eagerly, inside the call that makes them, unless their options say otherwise; or not, as at first.
     *
     * <p>Source: {@code loop.set_task_factory(asyncio.eager_task_factory)}.
     */
    public void setEagerStart(boolean eagerStart) {
        CreateTaskKt.setTaskFactory(delegate, eagerStart ? EagerTaskFactory.INSTANCE : null);
    }

    /** Whether tasks start eagerly. Source: {@code loop.get_task_factory()}. */
    public boolean eagerStart() {
        return CreateTaskKt.getTaskFactory(delegate) == EagerTaskFactory.INSTANCE;
    }

    /**
     * Runs {@code callable} in {@code executor}, or in the loop's default one if it is null.
     *
     * <p>Cancelling the future keeps the callable from starting; if it has started it goes on, and its result is dropped.
     *
     * <p>Source: {@code loop.run_in_executor(executor, func)}.
     *
     * @throws IllegalStateException if the loop is closed, or its default executor was shut down; if it needs one more thread, and
     *     the system allows none
     * @throws java.util.concurrent.RejectedExecutionException if the executor no longer takes work
     */
    public <T extends @Nullable Object> Future<T> runInExecutor(@Nullable Executor executor, Callable<T> callable) {
        startCalls();
        return Future.of(ThreadsKt.runInExecutor(delegate, executor, new CallableFunction<>(callable)));
    }

    /** As {@link #runInExecutor(Executor, Callable)}, for an action that returns nothing. */
    public Future<@Nullable Void> runInExecutor(@Nullable Executor executor, Action action) {
        return runInExecutor(executor, new ActionBody(action));
    }

    /**
     * Makes {@code executor} the one that {@link #runInExecutor} and {@link Asyncio#toThread} use; the loop shuts it down when
     * it closes.
     *
     * <p>Source: {@code loop.set_default_executor(executor)}.
     */
    public void setDefaultExecutor(ExecutorService executor) {
        DefaultExecutorKt.setDefaultExecutor(delegate, executor);
    }

    // Running and closing.

    /**
     * Runs the loop in this thread until {@link #stop}. If that was called before, it runs exactly one turn.
     *
     * <p>Source: {@code loop.run_forever()}.
     *
     * @throws IllegalStateException if the loop is closed or running, or another one is running in this thread
     */
    public void runForever() {
        delegate.runForever();
    }

    /**
     * Runs a body as a task of this loop, in this thread, until it has ended; other tasks get one more turn after that.
     *
     * <p>Source: {@code loop.run_until_complete(future)}.
     *
     * @return the body's result; the body's exceptions are thrown unwrapped, checked or not
     * @throws IllegalStateException if the loop is closed or running, or was stopped before the body has ended
     */
    public <T extends @Nullable Object> T runUntilComplete(Callable<T> body) {
        return RunUntilCompleteKt.runUntilComplete(delegate, bodyOf(body));
    }

    /** As {@link #runUntilComplete(Callable)}, for a body that returns nothing. */
    public void runUntilComplete(Action body) {
        runUntilComplete(new ActionBody(body));
    }

    /** As {@link #runUntilComplete(Callable)}, until {@code future} is done. */
    public <T extends @Nullable Object> T runUntilComplete(Future<T> future) {
        if (!future.hasBegun()) {
            return runUntilComplete(future::await);
        }
        return RunUntilCompleteKt.runUntilComplete(delegate, future.started());
    }

    /**
     * Ends {@link #runForever} at the end of the current turn, or of its first one; from another thread by
     * {@code loop.callSoonThreadsafe(loop::stop)}.
     *
     * <p>Source: {@code loop.stop()}.
     */
    public void stop() {
        delegate.stop();
    }

    /** Whether a thread is running the loop now. Source: {@code loop.is_running()}. */
    public boolean isRunning() {
        return delegate.isRunning();
    }

    /**
     * Whether the calling thread runs this loop now, and so may touch what belongs to it: in a body of its tasks, a callback, or anything
     * these call. Any thread may ask. CPython compares {@code asyncio.get_running_loop()}.
     */
    public boolean isInLoop() {
        return delegate.isInLoop();
    }

    /**
     * Has {@code callback} called once, when this loop is closed: for what another library keeps on the loop, and has to give
     * back with it.
     *
     * <p>It is called by {@link #close}, in the thread that closes the loop, while the loop no longer runs and takes no
     * callbacks, and before anything that is still there is dropped or closed: tasks are over or will never go on. Of several,
     * the one that was added last comes first. What one throws goes to the loop's exception handler, and the others are called
     * all the same; an error that nobody can handle is thrown when all is closed.
     *
     * <p>asyncio has no equivalent: one overrides {@code loop.close()}.
     *
     * @return what takes it back
     * @throws IllegalStateException if the loop is closed; in debug mode also if another thread runs the loop
     */
    public Handle addCloseCallback(Runnable callback) {
        return Handle.of(CloseCallbacksKt.addCloseCallback(delegate, null, new RunnableFunction(callback)));
    }

    /** As {@link #addCloseCallback(Runnable)}, in {@code context} instead of a copy of the current one. */
    public Handle addCloseCallback(Context context, Runnable callback) {
        return Handle.of(CloseCallbacksKt.addCloseCallback(delegate, Context.delegateOf(context), new RunnableFunction(callback)));
    }

    /** Whether the loop was closed. Source: {@code loop.is_closed()}. */
    public boolean isClosed() {
        return delegate.isClosed();
    }

    /**
     * Closes the loop: what {@link #addCloseCallback} was told is called, callbacks and timers that are left are dropped, transports
     * and servers that are open are closed, bodies that still wait are ended by a
     * {@link dev.simul.exceptions.GeneratorExit}, the default executor is shut down without waiting. Closing again does nothing.
     *
     * <p>Source: {@code loop.close()}.
     *
     * @throws IllegalStateException if the loop is running
     */
    @Override
    public void close() {
        delegate.close();
    }

    /**
     * Closes all live asynchronous generators of this loop; their failures go to the exception handler.
     *
     * <p>Source: {@code loop.shutdown_asyncgens()}.
     */
    public Future<@Nullable Void> shutdownAsyncgens() {
        return callForNothing(continuation -> ShutdownKt.shutdownAsyncgens(delegate, continuation));
    }

    /**
     * Shuts the default executor down and waits for its threads.
     *
     * <p>Source: {@code loop.shutdown_default_executor()}.
     */
    public Future<@Nullable Void> shutdownDefaultExecutor() {
        return shutdownDefaultExecutor(null);
    }

    /**
     * As {@link #shutdownDefaultExecutor()}, but waits no longer than {@code timeout}; null means without a limit.
     *
     * <p>When the time has passed a warning is logged, and the threads are left to themselves.
     */
    public Future<@Nullable Void> shutdownDefaultExecutor(@Nullable Duration timeout) {
        return new Future<>(callInBody(withoutResult(JavaTime.shuttingDownDefaultExecutor(delegate, timeout))));
    }

    // Random numbers.

    /**
     * Sets what random numbers on this loop are drawn from, such as those of {@link Backoff#jittered()}; one with a seed has them
     * drawn again as they were. Only the loop's thread draws. asyncio has no equivalent.
     */
    public void setRandom(RandomGenerator random) {
        Repeating.setRandom(delegate, random);
    }

    /** What random numbers on this loop are drawn from. */
    public RandomGenerator getRandom() {
        return Repeating.randomOf(delegate);
    }

    // Errors and debugging.

    /**
     * Sets what is called with errors that nobody else can receive; null stands for {@link #defaultExceptionHandler}.
     *
     * <p>Source: {@code loop.set_exception_handler(handler)}.
     */
    public void setExceptionHandler(@Nullable BiConsumer<? super EventLoop, ? super ExceptionContext> handler) {
        delegate.setExceptionHandler(handler == null ? null : new ConsumingHandler(handler));
    }

    /** What was set so, or null. Source: {@code loop.get_exception_handler()}. */
    public @Nullable BiConsumer<? super EventLoop, ? super ExceptionContext> getExceptionHandler() {
        var handler = delegate.getExceptionHandler();
        if (handler == null) {
            return null;
        }
        return handler instanceof ConsumingHandler consuming
                ? consuming.consumer
                : (loop, context) -> handler.handle(loop.delegate, context.delegate());
    }

    private record ConsumingHandler(BiConsumer<? super EventLoop, ? super ExceptionContext> consumer)
            implements dev.simul.loop.ExceptionHandler {
        @Override
        public void handle(dev.simul.loop.EventLoop loop, dev.simul.loop.ExceptionContext context) {
            consumer.accept(of(loop), ExceptionContext.of(context));
        }
    }

    /** Reports an error to the exception handler. Source: {@code loop.call_exception_handler(context)}. */
    public void callExceptionHandler(ExceptionContext context) {
        delegate.callExceptionHandler(context.delegate());
    }

    /**
     * Logs an error to the logger {@code dev.simul}.
     *
     * <p>Source: {@code loop.default_exception_handler(context)}.
     */
    public void defaultExceptionHandler(ExceptionContext context) {
        delegate.defaultExceptionHandler(context.delegate());
    }

    /**
     * Whether the loop checks the thread of its callers, remembers where handles, futures and tasks were made, and reports
     * slow callbacks.
     *
     * <p>Source: {@code loop.get_debug()}.
     */
    public boolean getDebug() {
        return delegate.getDebug();
    }

    /** Turns that on or off. Source: {@code loop.set_debug(enabled)}. */
    public void setDebug(boolean debug) {
        delegate.setDebug(debug);
    }

    /** From which duration of its clock on debug mode reports a callback as slow. Source: {@code loop.slow_callback_duration}. */
    public Duration slowCallbackDuration() {
        return JavaTime.slowCallbackDurationOf(delegate);
    }

    /** Sets that duration, which is 100 ms at first. Source: {@code loop.slow_callback_duration}. */
    public void setSlowCallbackDuration(Duration duration) {
        JavaTime.setSlowCallbackDuration(delegate, duration);
    }

    /** What gives this loop's bodies their stacks; decided when it is first asked for, or when the first body begins. */
    public Carrier carrier() {
        return CarrierKt.getCarrier(delegate);
    }

    /**
     * Has bodies that begin from now on carried by {@code carrier}.
     *
     * @throws IllegalArgumentException if this JVM does not have it
     */
    public void setCarrier(Carrier carrier) {
        CarrierKt.setCarrier(delegate, carrier);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
