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
import dev.simul.channels.MemoryChannelKt;
import dev.simul.interop.JavaContexts;
import dev.simul.interop.JavaPeers;
import dev.simul.interop.JavaResolver;
import dev.simul.interop.JavaTime;
import dev.simul.interop.JavaTls;
import dev.simul.interop.Repeating;
import dev.simul.loop.CloseCallbacksKt;
import dev.simul.loop.ContextCarrier;
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
import dev.simul.observe.DumpTasks;
import dev.simul.observe.LoopMetrics;
import dev.simul.observe.LoopMetricsKt;
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
import java.io.PrintStream;
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
import java.util.function.Consumer;
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
 * Runs callbacks, one at a time, and waits for timers, I/O and other threads.
 *
 * <p>Most programs do not use it directly: {@link Asyncio#run} creates one. Its callbacks are {@link Runnable}s, which cannot
 * await; only bodies of tasks can.
 *
 * <p>Only {@link #callSoonThreadsafe}, {@link #time}, {@link #metrics}, {@link #stallThreshold}, {@link #setStallThreshold},
 * {@link #isRunning}, {@link #isClosed} and {@link #isInLoop} may be called from other threads than the one that runs the loop. There is one
 * object for each loop.
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
     * Calls {@code callback} in the next turn, after all callbacks that were scheduled before it.
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
     * As {@link #callSoon(Runnable)}, from any thread; wakes the loop if it waits. Callbacks from one thread keep their order.
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
     * Calls {@code callback} after {@code delay}; one that is not positive means as soon as possible.
     *
     * <p>Timers with equal deadlines run in the order in which they were created.
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

    /** The time of the loop's clock, since an arbitrary origin. Source: {@code loop.time()}. */
    public Duration time() {
        return JavaTime.timeOf(delegate);
    }

    /** What this loop has to do, as numbers, for any thread; there is one object for each loop. asyncio has no equivalent. */
    public LoopMetrics metrics() {
        return LoopMetricsKt.getMetrics(delegate);
    }

    // Signals.

    /**
     * Calls {@code callback}, as a callback of this loop, whenever the process receives {@code signal}; this replaces an earlier
     * handler of this loop for that signal.
     *
     * <p>It waits for its turn like every callback: a task that runs for long without awaiting delays it. A signal that arrives
     * while the loop is not running is handled when it runs. If several loops have handlers for one signal, the loop that added
     * its handler last gets it. Closing the loop removes its handlers.
     *
     * <p>With a handler, a server can shut down in order:
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
     * <p>Source: {@code loop.add_signal_handler(sig, callback)}, which works in the main thread only; here any thread's loop may
     * have handlers. {@code HUP}, {@code INT} and {@code TERM} stay ignored, with a warning, if this process was started to
     * ignore them, as {@code nohup} and the {@code &} of a script do.
     *
     * @param signal its name, as the system's {@code kill -l} lists it: {@code "TERM"} or {@code "SIGTERM"}
     * @throws IllegalArgumentException if this system knows no signal of that name
     * @throws IllegalStateException if no program can catch that signal, or the JVM reserves it; if the loop is closed; in debug
     *     mode also if another thread runs the loop
     */
    public void addSignalHandler(String signal, Runnable callback) {
        SignalsKt.addSignalHandler(delegate, signal, null, new RunnableFunction(callback));
    }

    /** As {@link #addSignalHandler(String, Runnable)}, in {@code context} instead of a copy of the current one. */
    public void addSignalHandler(String signal, Context context, Runnable callback) {
        SignalsKt.addSignalHandler(delegate, signal, Context.delegateOf(context), new RunnableFunction(callback));
    }

    /**
     * Removes this loop's handler for {@code signal}: another loop's handler then gets the signal, or it does what it did before.
     *
     * <p>Source: {@code loop.remove_signal_handler(sig)}.
     *
     * @return whether there was a handler
     * @throws IllegalArgumentException if this system knows no signal of that name
     */
    public boolean removeSignalHandler(String signal) {
        return SignalsKt.removeSignalHandler(delegate, signal);
    }

    /**
     * Prints the tasks of this loop on the standard error stream, as {@link Asyncio#dumpTasks(PrintStream)} does, whenever the process
     * receives {@code signal}; also while a task keeps the loop busy.
     *
     * <p>The loop prints them in a turn of its own. If it does not come to that within 200 ms, or does not run, the thread of the signal
     * prints what it finds, and says so. It takes the place of this loop's handler for the signal, and {@link #removeSignalHandler}
     * removes it.
     *
     * <p>asyncio has no equivalent; compare {@code faulthandler.register(signum)}.
     *
     * @param signal its name, as {@code "USR1"}; see {@link #addSignalHandler(String, Runnable)}
     * @throws IllegalArgumentException if this system knows no signal of that name
     * @throws IllegalStateException if no program can catch that signal, or the JVM reserves it; if the loop is closed; in debug
     *     mode also if another thread runs the loop
     */
    public void dumpTasksOn(String signal) {
        DumpTasks.dumpTasksOn(delegate, signal);
    }

    /** As {@link #dumpTasksOn(String)}, on another stream. */
    public void dumpTasksOn(String signal, PrintStream out) {
        DumpTasks.dumpTasksOn(delegate, signal, out);
    }

    // Channels.

    /**
     * The provider that opens this loop's sockets and pipes; open channels for {@link #register} with it, too. asyncio has no
     * equivalent.
     */
    public SelectorProvider selectorProvider() {
        return delegate.getSelectorProvider();
    }

    /**
     * Watches {@code channel} for another library, and calls {@code callback} with the ready operations in each turn in which any
     * of {@code interestOps} is ready.
     *
     * <p>The channel becomes non-blocking. Operations that stay ready are reported again in the next turn. Most programs need
     * streams, or {@link #addReader} and {@link #addWriter}, instead.
     *
     * <p>asyncio has no equivalent: it uses {@code selectors.BaseSelector.register(fileobj, events)} internally.
     *
     * @param channel a channel that the loop's {@linkplain #selectorProvider provider} has opened
     * @param interestOps constants of {@link java.nio.channels.SelectionKey}, combined by {@code |}; 0 for none at present
     * @return the registration, by which you change the operations and end the watch
     * @throws IllegalStateException if the loop is closed, or the channel is already watched; in debug mode also if another
     *     thread runs the loop
     * @throws IllegalArgumentException if the channel belongs to another provider, or does not support these operations
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
     * Calls {@code callback} in each turn in which {@code channel} can be read, or accept a connection, until
     * {@link #removeReader}.
     *
     * <p>The channel becomes non-blocking. A channel has one reader: a new one replaces it.
     *
     * <p>Source: {@code loop.add_reader(fd, callback)}.
     *
     * @throws IllegalStateException if the loop is closed, or a transport owns the channel
     */
    public Handle addReader(SelectableChannel channel, Runnable callback) {
        return Handle.of(WatchKt.addReader(delegate, channel, null, new RunnableFunction(callback)));
    }

    /** As {@link #addReader(SelectableChannel, Runnable)}, in {@code context} instead of a copy of the current one. */
    public Handle addReader(SelectableChannel channel, Context context, Runnable callback) {
        return Handle.of(WatchKt.addReader(delegate, channel, Context.delegateOf(context), new RunnableFunction(callback)));
    }

    /**
     * Calls {@code callback} in each turn in which {@code channel} can be written, or can finish connecting, until
     * {@link #removeWriter}.
     *
     * <p>The channel becomes non-blocking. A channel has one writer: a new one replaces it.
     *
     * <p>Source: {@code loop.add_writer(fd, callback)}.
     *
     * @throws IllegalStateException if the loop is closed, or a transport owns the channel
     */
    public Handle addWriter(SelectableChannel channel, Runnable callback) {
        return Handle.of(WatchKt.addWriter(delegate, channel, null, new RunnableFunction(callback)));
    }

    /** As {@link #addWriter(SelectableChannel, Runnable)}, in {@code context} instead of a copy of the current one. */
    public Handle addWriter(SelectableChannel channel, Context context, Runnable callback) {
        return Handle.of(WatchKt.addWriter(delegate, channel, Context.delegateOf(context), new RunnableFunction(callback)));
    }

    /**
     * Removes the reader of {@code channel}. Source: {@code loop.remove_reader(fd)}.
     *
     * @return whether there was a reader
     * @throws IllegalStateException if a transport owns the channel
     */
    public boolean removeReader(SelectableChannel channel) {
        return WatchKt.removeReader(delegate, channel);
    }

    /**
     * Removes the writer of {@code channel}. Source: {@code loop.remove_writer(fd)}.
     *
     * @return whether there was a writer
     * @throws IllegalStateException if a transport owns the channel
     */
    public boolean removeWriter(SelectableChannel channel) {
        return WatchKt.removeWriter(delegate, channel);
    }

    // Connections and servers.

    /**
     * Connects to a port of {@code host}, and calls {@code protocolFactory} to create a protocol when the connection is made.
     *
     * <p>If the task is cancelled, no connection stays open. The protocol's {@code connectionMade} is called before this has a
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
     * Creates a transport for {@code channel}, which is already connected. The transport owns the channel, which is closed if
     * this fails.
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
     * Creates a transport for {@code channel}, which was accepted elsewhere. The transport owns the channel, which is closed if
     * this fails.
     *
     * <p>Source: {@code loop.connect_accepted_socket(protocol_factory, sock)}.
     *
     * @return fails with {@link IllegalArgumentException} if the channel is not connected
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectAcceptedSocket(
            SocketChannel channel, Supplier<? extends P> protocolFactory) {
        return connectAcceptedSocket(channel, ServerOptions.NONE, protocolFactory);
    }

    /** As {@link #connectAcceptedSocket(SocketChannel, Supplier)}, with options; only those of TLS are used. */
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
     * Listens at a port of {@code host}, and calls {@code protocolFactory} to create a protocol for each connection.
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
     * Creates a transport and a protocol for each connection to {@code channel}, which the caller has bound. The server owns the
     * channel.
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
     * Listens at the Unix domain socket {@code path}, and calls {@code protocolFactory} to create a protocol for each connection.
     *
     * <p>If the path already holds a socket, that is removed first; a file of another kind is not. When the server closes, the
     * socket is removed, unless the path holds another file by then.
     *
     * <p>Source: {@code loop.create_unix_server(protocol_factory, path)}.
     *
     * @return fails with {@link java.net.BindException} if the path holds another file
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
     * As {@link #createUnixServer(Path, ServerOptions, boolean, Supplier)}, with a channel that the caller has bound. The server
     * owns the channel.
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
     * Upgrades a connection to TLS, once both sides have agreed to; also inside TLS.
     *
     * <p>Neither side may send anything in between. {@code protocol} continues with the resulting transport, without another
     * {@code connectionMade}; do not use the old transport. If the task is cancelled, or the handshake fails, the connection is
     * closed.
     *
     * <p>Source: {@code loop.start_tls(transport, protocol, sslcontext, server_side=..., server_hostname=...)}.
     *
     * @param serverSide whether this is the server's side, which presents a certificate
     * @param serverHostname the name that the server's certificate must match; null for no check, which the context must allow
     * @return fails with {@link javax.net.ssl.SSLException} if the handshake fails, and with another {@link java.io.IOException}
     *     if the connection is lost, or the handshake takes too long; with {@link IllegalStateException} if the sending direction
     *     of the transport has ended, and with {@link UnsupportedOperationException} if it is a pipe; in these two cases it stays
     *     open
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
     * Sends all of {@code file} through {@code transport}, after everything that was written before.
     *
     * <p>Meanwhile the transport receives nothing, and nothing may be written. On a plain connection the system sends the file,
     * without a copy in this process; otherwise threads of the executor read the file, and the transport writes it. The file's
     * position is set after the last byte sent, even if this fails or the task is cancelled.
     *
     * <p>Source: {@code loop.sendfile(transport, file)}.
     *
     * @return the number of bytes sent; fails with {@link java.io.IOException} if the connection is lost, and with
     *     {@link IllegalStateException} if the transport is closing, or is already sending a file
     */
    public Future<Long> sendfile(Transport transport, FileChannel file) {
        return sendfile(transport, file, 0, null, true);
    }

    /**
     * As {@link #sendfile(Transport, FileChannel)}, for a part of the file.
     *
     * <p>Source: {@code loop.sendfile(transport, file, offset, count, fallback=fallback)}.
     *
     * @param offset where in the file to begin
     * @param count the maximum number of bytes to send; null for all
     * @param fallback whether the file may be read and written instead; otherwise this fails with
     *     {@link dev.simul.net.SendfileNotAvailableException} if the system cannot send it
     */
    public Future<Long> sendfile(
            Transport transport, FileChannel file, long offset, @Nullable Long count, boolean fallback) {
        return call(continuation -> SendfileKt.sendfile(delegate, transport, file, offset, count, fallback, continuation));
    }

    // Datagrams.

    /**
     * Opens a datagram socket.
     *
     * <p>Names in the addresses, {@link InetSocketAddress#createUnresolved}, are looked up; pairs of a local and a remote address
     * of one family are tried in turn. If the task is cancelled, no endpoint stays open.
     *
     * <p>Source: {@code loop.create_datagram_endpoint(protocol_factory, local_addr, remote_addr)}.
     *
     * @param localAddr the local address; null for any free port
     * @param remoteAddr the only address to send to, and to receive from; null for any
     * @return fails with {@link IllegalArgumentException} if there is no address, or no family common to both, and with
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
     * Creates an endpoint for {@code channel}, which the caller has bound or connected. The transport owns the channel, which is
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
     * Sets the resolver of this loop: for connections, servers, datagrams, {@link #getaddrinfo} and {@link #getnameinfo}.
     *
     * <p>By default the JDK looks up names, in threads of the default executor; on a network in memory, the network does. asyncio
     * has no equivalent.
     *
     * @param resolver null restores the default
     */
    public void setResolver(@Nullable Resolver resolver) {
        JavaResolver.setResolver(
                delegate,
                resolver == null ? null : host -> bodyOf(() -> resolver.getaddrinfo(host)),
                resolver == null ? null : address -> bodyOf(() -> resolver.getnameinfo(address)));
    }

    /** As {@link #getaddrinfo(String, int, StandardProtocolFamily)}, for both families. */
    public Future<List<InetSocketAddress>> getaddrinfo(@Nullable String host, int port) {
        return getaddrinfo(host, port, null);
    }

    /**
     * The addresses of {@code host}, which the loop's {@linkplain #setResolver resolver} looks up unless it is an address itself.
     *
     * <p>The default resolver keeps the JDK's order, which puts IPv4 first unless the system property
     * {@code java.net.preferIPv6Addresses} says otherwise. Cancelling it ends the wait; the system's look-up continues, and its
     * result is dropped.
     *
     * <p>Source: {@code loop.getaddrinfo(host, port, family=family)}.
     *
     * @param host null for the loopback interface
     * @param family the only family to return addresses of; null for both
     * @return fails with {@link java.net.UnknownHostException} if the host has no such address
     */
    public Future<List<InetSocketAddress>> getaddrinfo(
            @Nullable String host, int port, @Nullable StandardProtocolFamily family) {
        return Calls.<List<? extends InetSocketAddress>, List<InetSocketAddress>>call(
                continuation -> ResolverKt.getaddrinfo(delegate, host, port, family, continuation), List::copyOf);
    }

    /**
     * The name of the host of {@code address}, which the loop's {@linkplain #setResolver resolver} looks up; the address as text
     * if it has none.
     *
     * <p>Source: the first of the two that {@code loop.getnameinfo(sockaddr)} returns.
     */
    public Future<String> getnameinfo(InetSocketAddress address) {
        return call(continuation -> ResolverKt.getnameinfo(delegate, address, continuation));
    }

    // Channels, without transports.

    /**
     * Receives up to {@code count} bytes from {@code channel}, as soon as there are any.
     *
     * <p>Like all {@code sock} calls, it tries at once, and waits only if it must; the channel becomes non-blocking. If the task
     * is cancelled, no bytes have been taken from the channel.
     *
     * <p>Source: {@code loop.sock_recv(sock, nbytes)}.
     *
     * @return an empty array at the end of the stream; fails with {@link java.io.IOException} if the connection is lost, and with
     *     {@link IllegalStateException} if a transport owns the channel, or another task waits to receive from it
     */
    public <C extends SelectableChannel & ReadableByteChannel> Future<byte[]> sockRecv(C channel, int count) {
        return call(continuation -> SocketCallsKt.sockRecv(delegate, channel, count, continuation));
    }

    /**
     * As {@link #sockRecv}, into {@code buffer}, whose position moves past the bytes received.
     *
     * <p>Source: {@code loop.sock_recv_into(sock, buf)}.
     *
     * @return the number of bytes received; 0 at the end of the stream, or if the buffer is full
     */
    public <C extends SelectableChannel & ReadableByteChannel> Future<Integer> sockRecvInto(
            C channel, ByteBuffer buffer) {
        return call(continuation -> SocketCallsKt.sockRecvInto(delegate, channel, buffer, continuation));
    }

    /**
     * Sends all of {@code data} to {@code channel}, waiting as long as that takes.
     *
     * <p>If it fails, or the task is cancelled, a part may have been sent.
     *
     * <p>Source: {@code loop.sock_sendall(sock, data)}.
     *
     * @return fails with {@link java.io.IOException} if the connection is lost, and with {@link IllegalStateException} if a
     *     transport owns the channel, or another task waits to send to it
     */
    public <C extends SelectableChannel & WritableByteChannel> Future<@Nullable Void> sockSendall(
            C channel, byte[] data) {
        return sockSendall(channel, ByteBuffer.wrap(data));
    }

    /** As {@link #sockSendall(SelectableChannel, byte[])}; the position of {@code data} moves past the bytes sent. */
    public <C extends SelectableChannel & WritableByteChannel> Future<@Nullable Void> sockSendall(
            C channel, ByteBuffer data) {
        return callForNothing(continuation -> SocketCallsKt.sockSendall(delegate, channel, data, continuation));
    }

    /**
     * Connects {@code channel} to {@code address}; the host is looked up if it is a name,
     * {@link InetSocketAddress#createUnresolved}.
     *
     * <p>If it fails, the channel is closed; if the task is cancelled, the caller must close it.
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
     * @return the connection, non-blocking; fails with {@link IllegalStateException} if a server owns the channel, or another
     *     task waits to accept from it
     */
    public Future<SocketChannel> sockAccept(ServerSocketChannel channel) {
        return call(continuation -> SocketCallsKt.sockAccept(delegate, channel, continuation));
    }

    /**
     * Receives a datagram from {@code channel}, truncated to {@code size} bytes.
     *
     * <p>Source: {@code loop.sock_recvfrom(sock, bufsize)}.
     *
     * @return fails with {@link java.io.IOException} if the peer of a connected channel refused an earlier datagram, and with
     *     {@link IllegalStateException} if a transport owns the channel, or another task waits to receive from it
     */
    public Future<Datagram> sockRecvfrom(DatagramChannel channel, int size) {
        return call(continuation -> DatagramCallsKt.sockRecvfrom(delegate, channel, size, continuation), Datagram::of);
    }

    /**
     * As {@link #sockRecvfrom}, into {@code buffer}, whose position moves past the datagram.
     *
     * <p>Source: {@code loop.sock_recvfrom_into(sock, buf)}.
     *
     * @return the sender's address
     */
    public Future<SocketAddress> sockRecvfromInto(DatagramChannel channel, ByteBuffer buffer) {
        return call(continuation -> DatagramCallsKt.sockRecvfromInto(delegate, channel, buffer, continuation));
    }

    /**
     * Sends {@code data} to {@code address} as one datagram, as soon as the system accepts it.
     *
     * <p>Source: {@code loop.sock_sendto(sock, data, address)}.
     *
     * @return the number of bytes sent; fails with {@link java.io.IOException} if the system refuses it
     */
    public Future<Integer> sockSendto(DatagramChannel channel, byte[] data, SocketAddress address) {
        return sockSendto(channel, ByteBuffer.wrap(data), address);
    }

    /** As {@link #sockSendto(DatagramChannel, byte[], SocketAddress)}. */
    public Future<Integer> sockSendto(DatagramChannel channel, ByteBuffer data, SocketAddress address) {
        return call(continuation -> DatagramCallsKt.sockSendto(delegate, channel, data, address, continuation));
    }

    /** As {@link #sockSendfile(SocketChannel, FileChannel, long, Long)}, for all of the file. */
    public Future<Long> sockSendfile(SocketChannel channel, FileChannel file) {
        return sockSendfile(channel, file, 0, null);
    }

    /**
     * Sends {@code file} to {@code channel}; the system does that, without a copy in this process. The file's position is set
     * after the last byte sent, even if this fails or the task is cancelled.
     *
     * <p>Source: {@code loop.sock_sendfile(sock, file, offset, count)}.
     *
     * @param offset where in the file to begin
     * @param count the maximum number of bytes to send; null for all
     * @return the number of bytes sent; fails with {@link java.io.IOException} if the connection is lost, and with
     *     {@link IllegalStateException} if a transport owns the channel, or another task waits to send to it
     */
    public Future<Long> sockSendfile(SocketChannel channel, FileChannel file, long offset, @Nullable Long count) {
        return call(continuation -> SendfileKt.sockSendfile(delegate, channel, file, offset, count, continuation));
    }

    // Pipes and subprocesses.

    /**
     * Connects {@code pipe} to a protocol for reading. The pipe becomes non-blocking, and the transport owns and closes it.
     *
     * <p>The transport's methods for writing throw an {@link UnsupportedOperationException}. If the task is cancelled the pipe is
     * closed.
     *
     * <p>Source: {@code loop.connect_read_pipe(protocol_factory, pipe)}.
     *
     * @return fails with {@link UnsupportedOperationException} if the loop is on virtual time, and with
     *     {@link IllegalStateException} if another transport owns the pipe
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectReadPipe(
            Pipe.SourceChannel pipe, Supplier<? extends P> protocolFactory) {
        return connecting(
                continuation -> ConnectPipesKt.connectReadPipe(delegate, pipe, factoryOf(protocolFactory), continuation));
    }

    /**
     * As {@link #connectReadPipe(Pipe.SourceChannel, Supplier)}, for a blocking stream such as {@link System#in}, which a thread
     * reads. It reads up to 64 KiB, and continues when the loop has taken these and the transport is not paused.
     *
     * <p>If the thread is blocked in the stream when the transport is closed, it stays so until the stream returns: a pipe of a
     * process or a terminal does when there is input, or its other end is closed; a socket at once.
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectReadPipe(
            InputStream pipe, Supplier<? extends P> protocolFactory) {
        return connecting(
                continuation -> ConnectPipesKt.connectReadPipe(delegate, pipe, factoryOf(protocolFactory), continuation));
    }

    /**
     * Connects {@code pipe} to a protocol for writing. The pipe becomes non-blocking, and the transport owns and closes it.
     *
     * <p>The transport's methods for reading throw an {@link UnsupportedOperationException}; its {@code writeEof} is
     * {@code close}. It notices only on the next write that the reader is gone. If the task is cancelled the pipe is closed.
     *
     * <p>Source: {@code loop.connect_write_pipe(protocol_factory, pipe)}.
     *
     * @return fails with {@link UnsupportedOperationException} if the loop is on virtual time, and with
     *     {@link IllegalStateException} if another transport owns the pipe
     */
    public <P extends StreamingProtocol> Future<Connection<Transport, P>> connectWritePipe(
            Pipe.SinkChannel pipe, Supplier<? extends P> protocolFactory) {
        return connecting(
                continuation -> ConnectPipesKt.connectWritePipe(delegate, pipe, factoryOf(protocolFactory), continuation));
    }

    /**
     * As {@link #connectWritePipe(Pipe.SinkChannel, Supplier)}, for a blocking stream such as {@link System#out}, which a thread
     * writes and flushes each time.
     *
     * <p>If the thread is blocked in the stream when the transport is aborted, it stays so until the stream returns.
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
     * Starts {@code program}, which the system looks up, with {@code args}.
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

    /** As {@link Asyncio#createFuture}, for this loop. Source: {@code loop.create_future()}. */
    public <T extends @Nullable Object> Future<T> createFuture() {
        return Future.createdBy(delegate);
    }

    /**
     * As {@link Asyncio#createTask(Callable)}, for this loop, which need not run yet.
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
     * Sets whether tasks start eagerly, inside the call that creates them, unless their options say otherwise; the default is
     * false.
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
     * Runs {@code callable} in {@code executor}, or in the loop's default executor if that is null.
     *
     * <p>Cancelling the future keeps the callable from starting; if it has started, it continues, and its result is dropped.
     *
     * <p>Source: {@code loop.run_in_executor(executor, func)}.
     *
     * @throws IllegalStateException if the loop is closed, or its default executor was shut down; if it needs one more thread,
     *     and the system allows none
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

    /**
     * Opens a channel from tasks of this loop to tasks of {@code other}, which another thread runs: what one sends, the other receives, in
     * the same order.
     *
     * <p>It holds up to {@code capacity} items, counted until they are received; then senders wait. Only objects are handed over: a task
     * stays in its loop, and so do its context variables. What an item refers to, the receiver sees as it was when it was sent; nobody should
     * change it afterwards.
     *
     * <p>Each end is used in its own loop, by as many tasks as you like, and is closed by its user, or else with its loop. Tasks that wait at
     * the other end then fail instead of waiting for ever.
     *
     * <p>Any thread may call this. asyncio has no equivalent; compare {@code trio.open_memory_channel(max_buffer_size)}, whose ends are in
     * one loop.
     *
     * @param other the loop of the tasks that receive
     * @param capacity the maximum number of items, at least 1
     * @throws IllegalArgumentException if {@code capacity} is less than 1
     * @throws IllegalStateException if one of the loops is closed
     */
    public <T extends @Nullable Object> MemoryChannel<T> channelTo(EventLoop other, int capacity) {
        return MemoryChannel.of(MemoryChannelKt.channelTo(delegate, other.delegate, capacity));
    }

    /** As {@link #channelTo(EventLoop, int)}, with a name, which reports of the tasks that wait and the text of both ends show. */
    public <T extends @Nullable Object> MemoryChannel<T> channelTo(EventLoop other, int capacity, String name) {
        return MemoryChannel.of(MemoryChannelKt.channelTo(delegate, other.delegate, capacity, name));
    }

    // Running and closing.

    /**
     * Runs the loop in this thread until {@link #stop}. If {@code stop} was called before, the loop runs exactly one turn.
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
     * Ends {@link #runForever} at the end of the current turn, or of its first one. From another thread, use
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
     * Whether the calling thread runs this loop now, and so may use its objects: in a body of its tasks, a callback, or code that
     * these call. May be called from any thread. CPython compares {@code asyncio.get_running_loop()}.
     */
    public boolean isInLoop() {
        return delegate.isInLoop();
    }

    /**
     * Calls {@code callback} once, when this loop is closed, so that another library can release what it keeps on the loop.
     *
     * <p>{@link #close} calls it in the thread that closes the loop, after the loop has stopped and accepts no callbacks, and
     * before anything else is dropped or closed: tasks have ended or will never continue. The callback added last runs first. An
     * exception goes to the loop's exception handler, and the other callbacks still run; a fatal error is thrown when everything
     * is closed.
     *
     * <p>asyncio has no equivalent; there, you override {@code loop.close()}.
     *
     * @return a handle that removes the callback
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
     * Closes the loop: calls the close callbacks, drops the remaining callbacks and timers, closes open transports, servers and
     * files, ends bodies that still wait by a {@link dev.simul.exceptions.GeneratorExit}, and shuts the default executor down
     * without waiting. Closing again does nothing.
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
     * As {@link #shutdownDefaultExecutor()}, but waits no longer than {@code timeout}; null for no limit.
     *
     * <p>After that time it logs a warning, and no longer waits for the threads.
     */
    public Future<@Nullable Void> shutdownDefaultExecutor(@Nullable Duration timeout) {
        return new Future<>(callInBody(withoutResult(JavaTime.shuttingDownDefaultExecutor(delegate, timeout))));
    }

    // Random numbers.

    /**
     * Sets the source of random numbers on this loop, such as those of {@link Backoff#jittered()}; a source with a seed makes
     * them repeatable. Only the loop's thread uses it. asyncio has no equivalent.
     */
    public void setRandom(RandomGenerator random) {
        Repeating.setRandom(delegate, random);
    }

    /** The source of random numbers on this loop. */
    public RandomGenerator random() {
        return Repeating.randomOf(delegate);
    }

    // Context.

    /**
     * Carries state of the thread with the tasks and callbacks of this loop, each of which then has its own, as it has its own context
     * variables: for libraries that keep such state in a {@link ThreadLocal}, like the MDC of a logging library.
     *
     * <pre>{@code
     * loop.addContextCarrier(MDC::getCopyOfContextMap, map -> MDC.setContextMap(map == null ? Map.of() : map));
     * }</pre>
     *
     * <p>A task or a callback begins with the state that was the thread's when it was made. It gets its state where each of its steps
     * begins, on whichever thread that is, and what it has changed by the end of the step is its own; the thread then gets back what it had
     * before. So does {@link Asyncio#toThread} in its thread. Contexts made before begin with the state of this call.
     *
     * <p>Both functions are called for each step, and must be fast; an error of theirs goes to the exception handler. A loop without
     * carriers pays nothing. asyncio has no equivalent: there, such libraries use context variables.
     *
     * @param capture returns the calling thread's state, which must not change afterwards: a copy, or an immutable object
     * @param restore makes a state that was captured that of the calling thread
     * @return closes to end the carrying
     * @throws IllegalStateException if another thread runs the loop
     */
    public <T extends @Nullable Object> ContextCarrier addContextCarrier(Supplier<? extends T> capture, Consumer<? super T> restore) {
        return JavaContexts.addContextCarrier(delegate, capture, restore);
    }

    // Errors and debugging.

    /**
     * Sets the handler of errors that no caller can receive; null for {@link #defaultExceptionHandler}.
     *
     * <p>Source: {@code loop.set_exception_handler(handler)}.
     */
    public void setExceptionHandler(@Nullable BiConsumer<? super EventLoop, ? super ExceptionContext> handler) {
        delegate.setExceptionHandler(handler == null ? null : new ConsumingHandler(handler));
    }

    /** The exception handler that was set, or null. Source: {@code loop.get_exception_handler()}. */
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
     * Whether the loop checks the thread of its callers, records where handles, futures and tasks were created, and reports slow
     * callbacks.
     *
     * <p>Source: {@code loop.get_debug()}.
     */
    public boolean getDebug() {
        return delegate.getDebug();
    }

    /** Turns debug mode on or off. Source: {@code loop.set_debug(enabled)}. */
    public void setDebug(boolean debug) {
        delegate.setDebug(debug);
    }

    /**
     * The duration, on the loop's clock, from which debug mode reports a callback as slow. Source:
     * {@code loop.slow_callback_duration}.
     */
    public Duration slowCallbackDuration() {
        return JavaTime.slowCallbackDurationOf(delegate);
    }

    /**
     * Sets the duration from which debug mode reports a callback as slow; the default is 100 ms. Source:
     * {@code loop.slow_callback_duration}.
     */
    public void setSlowCallbackDuration(Duration duration) {
        JavaTime.setSlowCallbackDuration(delegate, duration);
    }

    /**
     * From how long on the watchdog reports a step that holds this loop, while it does; null if it reports none. The default is
     * 100 ms unless the system property {@code simul.stallThreshold} or the environment variable {@code SIMUL_STALL_THRESHOLD}
     * says otherwise, in milliseconds or by {@code off}.
     *
     * <p>The report is a warning of the logger {@code dev.simul}: the task with its call graph, and the stack of the thread that
     * runs it. There is one for each step, and when the step has ended, a second one that tells how long it took. Time counts by
     * the machine's clock, without that in which the whole process did not run.
     *
     * <p>Any thread may call this. asyncio has no equivalent; its debug mode tells of slow callbacks when they have ended: see
     * {@link #slowCallbackDuration}.
     */
    public @Nullable Duration stallThreshold() {
        return JavaTime.stallThresholdOf(delegate);
    }

    /**
     * Sets the {@link #stallThreshold}; null or zero for no reports. Any thread may call this.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public void setStallThreshold(@Nullable Duration threshold) {
        JavaTime.setStallThreshold(delegate, threshold);
    }

    /** The carrier of this loop's bodies; chosen when this is first called, or when the first body begins. */
    public Carrier carrier() {
        return CarrierKt.getCarrier(delegate);
    }

    /**
     * Sets the carrier of bodies that begin from now on.
     *
     * @throws IllegalArgumentException if this JVM does not support it
     */
    public void setCarrier(Carrier carrier) {
        CarrierKt.setCarrier(delegate, carrier);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
