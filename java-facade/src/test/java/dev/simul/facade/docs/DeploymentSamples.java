// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Server;
import dev.simul.facade.ServerOptions;
import dev.simul.tls.Purpose;
import dev.simul.tls.SslContext;
import dev.simul.transports.Protocol;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.function.Supplier;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.getRunningLoop;

/** The samples of docs/guide/deployment.md, but for its service. */
final class DeploymentSamples {
    private DeploymentSamples() {}

    /** A server's context, whose certificate can be replaced while the server runs. */
    static final class ReloadedTls {
        private final Path certificate;
        private final Path key;
        private SslContext current;

        ReloadedTls(Path certificate, Path key) throws IOException {
            this.certificate = certificate;
            this.key = key;
            current = load();
        }

        /** What the server gets: each handshake takes the certificate of its time. */
        SslContext context() {
            return current.withSniCallback(name -> current);
        }

        /** Reads the files again; if that fails, the certificate before stays. */
        void reload() throws IOException {
            current = load();
        }

        private SslContext load() throws IOException {
            return SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(certificate, key);
        }
    }

    static Server serveInherited(Supplier<Protocol> protocol) throws IOException {
        var channel = (ServerSocketChannel) System.inheritedChannel();
        return await(getRunningLoop().createServer(channel, new ServerOptions(), protocol));
    }
}
