// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsServer;
import dev.simul.http.jdk.JdkHttpServer;
import dev.simul.loop.RunningLoopKt;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** The JDK's HTTP server on a loop. Only programs that use it need the module {@code jdk.httpserver}, which this class names. */
final class HttpServers {
    private HttpServers() {}

    static HttpServer newServer(@Nullable InetSocketAddress address, int backlog, HttpServerOptions options) throws IOException {
        return bound(JdkHttpServer.httpServer(RunningLoopKt.getEventLoop(), HttpWaits.INSTANCE, options.delegate()), address, backlog);
    }

    static HttpsServer newTlsServer(@Nullable InetSocketAddress address, int backlog, HttpServerOptions options) throws IOException {
        return bound(JdkHttpServer.httpsServer(RunningLoopKt.getEventLoop(), HttpWaits.INSTANCE, options.delegate()), address, backlog);
    }

    private static <S extends HttpServer> S bound(S server, @Nullable InetSocketAddress address, int backlog) throws IOException {
        if (address != null) {
            server.bind(address, backlog);
        }
        return server;
    }
}
