// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.bodies.Carrier;
import dev.simul.tls.Purpose;
import dev.simul.tls.SslCertVerificationException;
import dev.simul.tls.SslContext;
import dev.simul.tls.TestCertificatesKt;
import dev.simul.tls.TlsVersion;
import dev.simul.tls.VerifyMode;
import dev.simul.transports.Protocol;
import dev.simul.transports.Transport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.Sockets.HERE;
import static dev.simul.facade.Sockets.connect;
import static dev.simul.facade.Sockets.portOf;
import static dev.simul.facade.Sockets.run;
import static dev.simul.facade.Sockets.serve;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TlsTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    static Stream<Carrier> available() {
        return Carrier.available().stream();
    }

    private static Path pem(String name) {
        return TestCertificatesKt.certificate(name);
    }

    private static SslContext forServer() throws IOException {
        return SslContext.createDefaultContext(Purpose.CLIENT_AUTH).withCertChain(pem("server.pem"), pem("server.key"));
    }

    private static SslContext forClient() throws IOException {
        return SslContext.createDefaultContext(Purpose.SERVER_AUTH, pem("ca.pem"));
    }

    @Test
    @DisplayName("a context says whether a stream that is cut off has ended")
    void unexpectedEof() throws IOException {
        assertTrue(forClient().ignoreUnexpectedEof());
        assertFalse(forClient().withIgnoreUnexpectedEof(false).ignoreUnexpectedEof());
    }

    private static void echo(StreamReader reader, StreamWriter writer) {
        try (writer) {
            for (byte[] line : reader) {
                writer.write(line);
                writer.drain().await();
            }
        }
    }

    private static Server serveTls(SslContext context) {
        var options = new ServerOptions().ssl(context).sslHandshakeTimeout(LONG).sslShutdownTimeout(LONG);
        return startServer(HERE, 0, options, TlsTest::echo).await();
    }

    private static Streams connectTls(Server server, SslContext context) {
        var options = new ConnectionOptions()
                .ssl(context)
                .serverHostname("localhost")
                .sslHandshakeTimeout(LONG)
                .sslShutdownTimeout(LONG);
        return openConnection(HERE, portOf(server), options).await();
    }

    private static String echoed(Streams streams, String text) {
        streams.writer().write(text);
        return new String(streams.reader().readline().await(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @MethodSource("available")
    @DisplayName("bodies talk over TLS as they do without, twenty at once")
    void streams(Carrier carrier) {
        var all = IntStream.range(0, 20).boxed().toList();
        var answers = run(carrier, () -> {
            var context = forClient();
            try (var server = serveTls(forServer())) {
                List<Callable<Integer>> clients = new ArrayList<>();
                all.forEach(i -> clients.add(() -> {
                    try (var streams = connectTls(server, context)) {
                        return Integer.valueOf(echoed(streams, i + "\n").strip());
                    }
                }));
                return gather(clients.stream().map(Asyncio::createTask).toList()).await();
            }
        });
        assertEquals(all, answers);
    }

    @Test
    @DisplayName("a server that is not trusted, or has another name, is an exception")
    void refused() {
        run(() -> {
            getRunningLoop().setExceptionHandler((loop, context) -> {});
            try (var server = serveTls(forServer())) {
                assertThrows(
                        SslCertVerificationException.class,
                        () -> connectTls(server, SslContext.createDefaultContext()));
                var other = new ConnectionOptions().ssl(forClient()).serverHostname("example.org");
                assertThrows(SSLException.class, () -> openConnection(HERE, portOf(server), other).await());
            }
            assertThrows(
                    IllegalArgumentException.class,
                    () -> openConnection(HERE, 1, new ConnectionOptions().serverHostname("x")).await());
        });
    }

    @Test
    @DisplayName("a connection tells what was agreed on")
    void extraInfo() {
        run(() -> {
            var client = forClient().withAlpnProtocols("h2", "http/1.1").withMaximumVersion(TlsVersion.TLS_1_2);
            try (var server = serveTls(forServer().withAlpnProtocols("http/1.1")); var streams = connectTls(server, client)) {
                var transport = streams.writer().transport();
                assertEquals(client, streams.writer().getExtraInfo("sslcontext"));
                assertEquals(client.hashCode(), transport.getExtraInfo("sslcontext").hashCode());
                var engine = assertInstanceOf(SSLEngine.class, transport.getExtraInfo("ssl_object"));
                assertEquals("http/1.1", engine.getApplicationProtocol());
                assertEquals("TLSv1.2", engine.getSession().getProtocol());
                assertFalse(streams.writer().canWriteEof());
                assertThrows(UnsupportedOperationException.class, () -> streams.writer().writeEof());
            }
        });
    }

    @Test
    @DisplayName("a context for a server chooses another one by the name that is asked for")
    void sni() {
        run(() -> {
            var asked = new ArrayList<String>();
            var choosing = forServer().withSniCallback(name -> {
                asked.add(name);
                try {
                    return forServer();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            try (var server = serveTls(choosing); var streams = connectTls(server, forClient())) {
                assertEquals("hello\n", echoed(streams, "hello\n"));
            }
            try (var server = serveTls(choosing.withSniCallback(null)); var streams = connectTls(server, forClient())) {
                assertEquals("hello\n", echoed(streams, "hello\n"));
            }
            assertEquals(List.of("localhost"), asked);
        });
    }

    @Test
    @DisplayName("a server can ask for certificates, from files, key stores and contexts of the JDK")
    void ofBothSides() {
        run(() -> {
            var demanding = forServer().withVerifyLocations(pem("ca.pem")).withVerifyMode(VerifyMode.CERT_REQUIRED);
            var showing = forClient().withCertChain(pem("client.pem"), pem("client.key"));
            try (var server = serveTls(demanding); var streams = connectTls(server, showing)) {
                assertEquals("it's me\n", echoed(streams, "it's me\n"));
            }
            var certificate = certificate("ca.pem");
            var trusting = SslContext.createDefaultContext().withTrusted(List.of(certificate));
            var encrypted = SslContext.createDefaultContext(Purpose.CLIENT_AUTH)
                    .withCertChain(pem("server.pem"), pem("server-encrypted.key"), "secret".toCharArray());
            try (var server = serveTls(encrypted); var streams = connectTls(server, trusting)) {
                assertEquals("it's me\n", echoed(streams, "it's me\n"));
            }
        });
    }

    private static X509Certificate certificate(String name) throws Exception {
        try (var file = java.nio.file.Files.newInputStream(pem(name))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(file);
        }
    }

    @Test
    @DisplayName("contexts never change, and tell what they are")
    void contexts() throws Exception {
        var context = SslContext.createDefaultContext();
        assertEquals(Purpose.SERVER_AUTH, context.purpose());
        assertTrue(context.checkHostname());
        assertEquals(VerifyMode.CERT_REQUIRED, context.verifyMode());
        assertEquals(List.of("h2"), context.withAlpnProtocols("h2").alpnProtocols());
        assertEquals(List.of(), context.alpnProtocols());
        assertEquals(TlsVersion.TLS_1_2, context.minimumVersion());
        assertEquals(TlsVersion.TLS_1_3, context.maximumVersion());
        assertEquals(TlsVersion.TLS_1_3, context.withMinimumVersion(TlsVersion.TLS_1_3).minimumVersion());
        assertEquals(VerifyMode.CERT_NONE, context.withCheckHostname(false).withVerifyMode(VerifyMode.CERT_NONE).verifyMode());
        assertThrows(IllegalArgumentException.class, () -> context.withVerifyMode(VerifyMode.CERT_NONE));
        assertNotEquals(context, SslContext.createDefaultContext());
        assertTrue(context.toString().contains("SERVER_AUTH"), context::toString);
        var ofJdk = SslContext.of(SSLContext.getDefault(), Purpose.CLIENT_AUTH);
        assertEquals(Purpose.CLIENT_AUTH, ofJdk.purpose());
        var keys = KeyStore.getInstance("PKCS12");
        keys.load(null, null);
        assertEquals(Purpose.CLIENT_AUTH, SslContext.createDefaultContext(Purpose.CLIENT_AUTH)
                .withCertChain(keys, new char[0]).purpose());
        assertThrows(IOException.class, () -> SslContext.createDefaultContext(Purpose.SERVER_AUTH, Path.of("no such file")));
    }

    @Test
    @DisplayName("streams go on with TLS when both sides have agreed to")
    void startTls() {
        run(() -> {
            var context = forServer();
            try (var server = serve((reader, writer) -> {
                try (writer) {
                    assertEquals("STARTTLS", reader.lines().iterator().next());
                    writer.write("go\n");
                    writer.startTls(context, null).await();
                    writer.write(reader.readline().await());
                }
            })) {
                for (boolean limited : List.of(false, true)) {
                    try (var streams = connect(server)) {
                        assertEquals("go\n", echoed(streams, "STARTTLS\n"));
                        var starting = limited
                                ? streams.writer().startTls(forClient(), "localhost", LONG, LONG)
                                : streams.writer().startTls(forClient(), "localhost");
                        starting.await();
                        assertTrue(streams.writer().getExtraInfo("cipher") != null);
                        assertEquals("secret\n", echoed(streams, "secret\n"));
                    }
                }
            }
        });
    }

    /** Echoes what it hears; goes on with TLS when it is told to. */
    private static final class Upgrading implements Protocol {
        private final SslContext context;
        private Transport transport;

        Upgrading(SslContext context) {
            this.context = context;
        }

        @Override
        public void connectionMade(Transport transport) {
            this.transport = transport;
        }

        @Override
        public void dataReceived(byte[] data) {
            if (new String(data, StandardCharsets.UTF_8).equals("STARTTLS\n")) {
                transport.write("go\n");
                createTask(() -> transport =
                        getRunningLoop().startTls(transport, this, context, true, null, LONG, LONG).await());
            } else {
                transport.write(data);
            }
        }
    }

    @Test
    @DisplayName("a protocol goes on with TLS, and is not told of another connection")
    void startTlsOfProtocols() {
        run(() -> {
            var context = forServer();
            var loop = getRunningLoop();
            try (var server = loop.createServer(HERE, 0, () -> new Upgrading(context)).await()) {
                var heard = new Queue<String>();
                var made = new ArrayList<Transport>();
                class Client implements Protocol {
                    @Override
                    public void connectionMade(Transport transport) {
                        made.add(transport);
                    }

                    @Override
                    public void dataReceived(byte[] data) {
                        heard.putNowait(new String(data, StandardCharsets.UTF_8));
                    }
                }
                var connection = loop.createConnection(HERE, portOf(server), Client::new).await();
                connection.transport().write("STARTTLS\n");
                assertEquals("go\n", heard.get().await());
                var transport = loop.startTls(connection.transport(), connection.protocol(), forClient(), false, "localhost")
                        .await();
                transport.write("secret");
                assertEquals("secret", heard.get().await());
                assertNotEquals(connection.transport(), transport);
                assertEquals(connection.protocol(), transport.getProtocol());
                assertEquals(List.of(connection.transport()), made);
                transport.close();
            }
        });
    }
}
