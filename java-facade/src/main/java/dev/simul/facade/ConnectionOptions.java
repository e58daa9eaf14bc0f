// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaOptions;
import dev.simul.tls.SslContext;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How to connect, for {@link EventLoop#createConnection} and everything built on it. Immutable: each method returns a changed
 * copy.
 *
 * <pre>{@code
 * openConnection("example.org", 80, new ConnectionOptions().happyEyeballsDelay(Duration.ofMillis(250)));
 * }</pre>
 *
 * <p>Source: the keyword arguments of {@code loop.create_connection}.
 */
public final class ConnectionOptions extends Options<ConnectionOptions> {
    static final ConnectionOptions NONE = new ConnectionOptions();

    private @Nullable StandardProtocolFamily family;
    private @Nullable InetAddress localAddress;
    private int localPort;
    private @Nullable Duration happyEyeballsDelay;
    private @Nullable Integer interleave;
    private boolean allErrors;
    private @Nullable SslContext ssl;
    private @Nullable String serverHostname;
    private @Nullable Duration sslHandshakeTimeout;
    private @Nullable Duration sslShutdownTimeout;

    /** The defaults. */
    public ConnectionOptions() {}

    /** @throws IllegalArgumentException if the options contradict each other */
    dev.simul.net.ConnectionOptions delegate() {
        return JavaOptions.connectionOptions(
                family,
                localAddress,
                localPort,
                happyEyeballsDelay,
                interleave,
                allErrors,
                ssl,
                serverHostname,
                sslHandshakeTimeout,
                sslShutdownTimeout);
    }

    /** Connects only to addresses of that family; the default is both. */
    public ConnectionOptions family(StandardProtocolFamily family) {
        return with(it -> it.family = family);
    }

    /** Connects from that local address; the default is any. */
    public ConnectionOptions localAddress(InetAddress address) {
        return with(it -> it.localAddress = address);
    }

    /** Connects from that local port; 0, the default, means any free port. */
    public ConnectionOptions localPort(int port) {
        return with(it -> it.localPort = port);
    }

    /**
     * Tries the next address concurrently when an attempt has taken that long, as in RFC 8305: for example 250 milliseconds. By
     * default the next address is tried when the last one has failed.
     */
    public ConnectionOptions happyEyeballsDelay(Duration delay) {
        return with(it -> it.happyEyeballsDelay = delay);
    }

    /**
     * Sets how many addresses of the first family come before the two families alternate; 0 keeps the order. The default is 1
     * with a {@link #happyEyeballsDelay}, and 0 without.
     */
    public ConnectionOptions interleave(int count) {
        return with(it -> it.interleave = count);
    }

    /** Sets whether the failures of all attempts are thrown as an exception group; by default one exception stands for all. */
    public ConnectionOptions allErrors(boolean allErrors) {
        return with(it -> it.allErrors = allErrors);
    }

    /** Uses TLS with {@code context}. */
    public ConnectionOptions ssl(SslContext context) {
        return with(it -> it.ssl = context);
    }

    /**
     * Sets the name that the server's certificate must match, if it is not the host of the connection; empty for no check, which
     * the context must allow. This and the two TLS time limits apply only with {@link #ssl}.
     */
    public ConnectionOptions serverHostname(String name) {
        return with(it -> it.serverHostname = name);
    }

    /** Limits the TLS handshake; the default is a minute. */
    public ConnectionOptions sslHandshakeTimeout(Duration timeout) {
        return with(it -> it.sslHandshakeTimeout = timeout);
    }

    /**
     * Limits how long a closed TLS connection takes to send what was written and to be closed by the peer; the default is half a
     * minute.
     */
    public ConnectionOptions sslShutdownTimeout(Duration timeout) {
        return with(it -> it.sslShutdownTimeout = timeout);
    }

    @Override
    public String toString() {
        return delegate().toString();
    }
}
