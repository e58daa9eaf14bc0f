// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaOptions;
import dev.simul.tls.SslContext;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a server listens, for {@link EventLoop#createServer} and everything built on it. Immutable: each method returns a changed
 * copy.
 *
 * <pre>{@code
 * startServer("127.0.0.1", 7, new ServerOptions().backlog(1000), (reader, writer) -> echo(reader, writer));
 * }</pre>
 *
 * <p>Source: the keyword arguments of {@code loop.create_server}.
 */
public final class ServerOptions extends Options<ServerOptions> {
    static final ServerOptions NONE = new ServerOptions();

    private @Nullable StandardProtocolFamily family;
    private int backlog = 100;
    private boolean reuseAddress = true;
    private boolean reusePort;
    private boolean keepAlive;
    private boolean startServing = true;
    private @Nullable SslContext ssl;
    private @Nullable Duration sslHandshakeTimeout;
    private @Nullable Duration sslShutdownTimeout;

    /** The defaults. */
    public ServerOptions() {}

    /** @throws IllegalArgumentException if the options contradict each other */
    dev.simul.net.ServerOptions delegate() {
        return JavaOptions.serverOptions(
                family,
                backlog,
                reuseAddress,
                reusePort,
                keepAlive,
                startServing,
                ssl,
                sslHandshakeTimeout,
                sslShutdownTimeout);
    }

    /** Listens only at addresses of that family; the default is both. */
    public ServerOptions family(StandardProtocolFamily family) {
        return with(it -> it.family = family);
    }

    /** Sets how many connections may queue up until they are accepted; the default is 100. */
    public ServerOptions backlog(int backlog) {
        return with(it -> it.backlog = backlog);
    }

    /** Sets whether an address can be bound while connections of an earlier server linger; the default is true. */
    public ServerOptions reuseAddress(boolean reuseAddress) {
        return with(it -> it.reuseAddress = reuseAddress);
    }

    /** Sets whether several sockets, perhaps of several processes, can listen at one address. */
    public ServerOptions reusePort(boolean reusePort) {
        return with(it -> it.reusePort = reusePort);
    }

    /** Sets whether the system probes idle connections ({@code SO_KEEPALIVE}). */
    public ServerOptions keepAlive(boolean keepAlive) {
        return with(it -> it.keepAlive = keepAlive);
    }

    /**
     * Sets whether the server accepts connections at once, which is the default. Otherwise they queue up until
     * {@link Server#startServing}.
     */
    public ServerOptions startServing(boolean startServing) {
        return with(it -> it.startServing = startServing);
    }

    /** Uses TLS with {@code context}, which must have a certificate to present. */
    public ServerOptions ssl(SslContext context) {
        return with(it -> it.ssl = context);
    }

    /** Limits each TLS handshake; the default is a minute. */
    public ServerOptions sslHandshakeTimeout(Duration timeout) {
        return with(it -> it.sslHandshakeTimeout = timeout);
    }

    /**
     * Limits how long a closed TLS connection takes to send what was written and to be closed by the peer; the default is half a
     * minute.
     */
    public ServerOptions sslShutdownTimeout(Duration timeout) {
        return with(it -> it.sslShutdownTimeout = timeout);
    }

    @Override
    public String toString() {
        return delegate().toString();
    }
}
