// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.interop.JavaOptions;
import dev.simul.tls.SslContext;
import java.net.InetAddress;
import java.net.StandardProtocolFamily;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a connection is made, for {@link EventLoop#createConnection} and all that is built on it. Immutable: each method returns a
 * changed copy.
 *
 * <pre>{@code
 * openConnection("example.org", 80, new ConnectionOptions().happyEyeballsDelay(Duration.ofMillis(250)));
 * }</pre>
 *
 * <p>Source: the keyword arguments of {@code loop.create_connection}.
 */
public final class ConnectionOptions {
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

    /** Says nothing yet. */
    public ConnectionOptions() {}

    private ConnectionOptions with(Consumer<ConnectionOptions> change) {
        var changed = new ConnectionOptions();
        changed.family = family;
        changed.localAddress = localAddress;
        changed.localPort = localPort;
        changed.happyEyeballsDelay = happyEyeballsDelay;
        changed.interleave = interleave;
        changed.allErrors = allErrors;
        changed.ssl = ssl;
        changed.serverHostname = serverHostname;
        changed.sslHandshakeTimeout = sslHandshakeTimeout;
        changed.sslShutdownTimeout = sslShutdownTimeout;
        change.accept(changed);
        return changed;
    }

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

    /** These, with addresses of that family only to connect to; without it, of both. */
    public ConnectionOptions family(StandardProtocolFamily family) {
        return with(it -> it.family = family);
    }

    /** These, from that address of this machine; without it, from any. */
    public ConnectionOptions localAddress(InetAddress address) {
        return with(it -> it.localAddress = address);
    }

    /** These, from that port; 0, as at first, stands for any that is free. */
    public ConnectionOptions localPort(int port) {
        return with(it -> it.localPort = port);
    }

    /**
     * These, trying the next address beside one that has been tried for that long already, as RFC 8305 has it: 250 milliseconds,
     * say. Without it the next one is tried when the last one has failed.
     */
    public ConnectionOptions happyEyeballsDelay(Duration delay) {
        return with(it -> it.happyEyeballsDelay = delay);
    }

    /**
     * These, with that many addresses of the first family before those of the two families take turns; 0 leaves the order as it
     * is. Without it 1 if there is a {@link #happyEyeballsDelay}, and 0 if not.
     */
    public ConnectionOptions interleave(int count) {
        return with(it -> it.interleave = count);
    }

    /** These; whether what all attempts have failed with is thrown as an exception group, instead of one for all, as at first. */
    public ConnectionOptions allErrors(boolean allErrors) {
        return with(it -> it.allErrors = allErrors);
    }

    /** These, speaking TLS, as {@code context} says. */
    public ConnectionOptions ssl(SslContext context) {
        return with(it -> it.ssl = context);
    }

    /**
     * These, with the name that the server's certificate must be for, if it is not the host that is connected to; empty for none,
     * which the context must allow. For TLS only, as the rest is.
     */
    public ConnectionOptions serverHostname(String name) {
        return with(it -> it.serverHostname = name);
    }

    /** These, with a limit for the TLS handshake; without it, a minute. */
    public ConnectionOptions sslHandshakeTimeout(Duration timeout) {
        return with(it -> it.sslHandshakeTimeout = timeout);
    }

    /**
     * These, with a limit for the time a connection over TLS takes to send what was written and to be ended by the peer too, after
     * it was closed; without it, half a minute.
     */
    public ConnectionOptions sslShutdownTimeout(Duration timeout) {
        return with(it -> it.sslShutdownTimeout = timeout);
    }

    @Override
    public String toString() {
        return delegate().toString();
    }
}
