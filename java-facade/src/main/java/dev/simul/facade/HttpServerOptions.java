// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.http.HttpLimits;
import dev.simul.http.jdk.JdkHttpServer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How an HTTP server treats its clients, for {@link Asyncio#newHttpServer}. Immutable: each method returns a changed copy.
 *
 * <p>A client that exceeds a limit is answered with the status that says so, and its connection is closed. The handlers do not see
 * it, unless they are reading the body.
 *
 * <pre>{@code
 * newHttpServer(address, 0, new HttpServerOptions().maxBody(1_000_000).maxConnections(500));
 * }</pre>
 */
public final class HttpServerOptions extends Options<HttpServerOptions> {
    static final HttpServerOptions NONE = new HttpServerOptions();

    private int maxStartLine = HttpLimits.DEFAULT.getStartLine();
    private int maxHeaders = HttpLimits.DEFAULT.getHeaders();
    private int maxFields = HttpLimits.DEFAULT.getFields();
    private long maxBody = HttpLimits.DEFAULT.getBody();
    private int maxConnections = Integer.MAX_VALUE;
    private boolean halfClose = true;
    private @Nullable Duration headerTimeout = Duration.ofSeconds(10);
    private @Nullable Duration idleTimeout = Duration.ofSeconds(75);
    private @Nullable Duration bodyTimeout = Duration.ofSeconds(60);

    /** The defaults. */
    public HttpServerOptions() {}

    /** @throws IllegalArgumentException if a limit is out of its range */
    dev.simul.http.HttpServerOptions delegate() {
        var limits = new HttpLimits(maxStartLine, maxHeaders, maxFields, maxBody, HttpLimits.DEFAULT.getChunkExtensions());
        return JdkHttpServer.httpServerOptions(limits, headerTimeout, idleTimeout, bodyTimeout, maxConnections, halfClose);
    }

    /** Limits the request line, in bytes; the default is 8 KiB. A longer one is answered with 414. */
    public HttpServerOptions maxStartLine(int bytes) {
        return with(it -> it.maxStartLine = bytes);
    }

    /** Limits all header fields of a request together, in bytes; the default is 32 KiB. More are answered with 431. */
    public HttpServerOptions maxHeaders(int bytes) {
        return with(it -> it.maxHeaders = bytes);
    }

    /** Limits how many header fields a request has; the default is 100. More are answered with 431. */
    public HttpServerOptions maxFields(int count) {
        return with(it -> it.maxFields = count);
    }

    /** Limits the body of a request, in bytes; by default it may be as long as it likes. A longer one is answered with 413. */
    public HttpServerOptions maxBody(long bytes) {
        return with(it -> it.maxBody = bytes);
    }

    /** Limits how many connections are open; by default there may be any number. One more is answered with 503. */
    public HttpServerOptions maxConnections(int count) {
        return with(it -> it.maxConnections = count);
    }

    /**
     * Limits how long a client takes to send the head of a request, from when it connects or sends the first byte of it; the
     * default is ten seconds. A slower one is answered with 408. Null means no limit.
     */
    public HttpServerOptions headerTimeout(@Nullable Duration timeout) {
        return with(it -> it.headerTimeout = timeout);
    }

    /** Limits how long a connection stays open between requests; the default is 75 seconds. Null means no limit. */
    public HttpServerOptions idleTimeout(@Nullable Duration timeout) {
        return with(it -> it.idleTimeout = timeout);
    }

    /**
     * Limits how long a body may stall, in either direction, while the handler waits for it; the default is a minute. Null means
     * no limit.
     */
    public HttpServerOptions bodyTimeout(@Nullable Duration timeout) {
        return with(it -> it.bodyTimeout = timeout);
    }

    /**
     * Sets whether a client that has ended what it sends still gets its answer, which is the default. Otherwise the connection is
     * closed then, and the handler cancelled, which notices earlier that a client has left. With TLS there is no such half of a
     * connection.
     */
    public HttpServerOptions halfClose(boolean halfClose) {
        return with(it -> it.halfClose = halfClose);
    }

    @Override
    public String toString() {
        return delegate().toString();
    }
}
