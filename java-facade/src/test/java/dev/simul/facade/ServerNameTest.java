// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.testing.network.MemoryNetwork;
import dev.simul.tls.Purpose;
import dev.simul.tls.SslContext;
import dev.simul.tls.TestCertificatesKt;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.newHttpClientBuilder;
import static dev.simul.facade.Asyncio.startServer;
import static dev.simul.facade.TlsContexts.trustingContext;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

/** Which server a client of the JDK's shape asks for in TLS, and which it accepts. */
class ServerNameTest {
    private final List<String> asked = new ArrayList<>();
    private int served;

    private static SslContext shows(String certificate) throws IOException {
        return SslContext.createDefaultContext(Purpose.CLIENT_AUTH)
                .withCertChain(TestCertificatesKt.certificate(certificate + ".pem"), TestCertificatesKt.certificate(certificate + ".key"));
    }

    /** Shows the certificate of {@code example.org} to those who ask for that, and the one of {@code localhost} to all others. */
    private Server serve(String host) throws IOException {
        var others = shows("wrong-host");
        var choosing = shows("server").withSniCallback(name -> {
            asked.add(name);
            return "example.org".equals(name) ? others : null;
        });
        return startServer(host, 443, new ServerOptions().ssl(choosing), (reader, writer) -> {
            reader.readuntil("\r\n\r\n".getBytes()).await();
            served++;
            writer.write("HTTP/1.1 204 No Content\r\n\r\n");
            writer.close();
        }).await();
    }

    @Test
    @DisplayName("a server is asked for by its name, an address is none, and a server of another name gets no request")
    void names() {
        var network = new MemoryNetwork();
        network.addHost("example.org");
        network.addHost("other.example");
        VirtualClock.runTest(network, () -> {
            var servers = new ArrayList<Server>();
            for (String host : List.of("localhost", "::1", "example.org", "other.example")) {
                servers.add(serve(host));
            }
            HttpClient client = newHttpClientBuilder().sslContext(trustingContext()).build();
            for (String host : List.of("localhost", "127.0.0.1", "[::1]", "example.org")) {
                assertEquals(204, client.send(request(host), BodyHandlers.discarding()).statusCode());
            }
            assertEquals(4, served);
            assertThrows(SSLException.class, () -> client.send(request("other.example"), BodyHandlers.discarding()));
            var socket = client.newWebSocketBuilder().buildAsync(URI.create("wss://other.example/"), new WebSocket.Listener() {});
            assertThrows(SSLException.class, () -> await(socket));
            assertEquals(Arrays.asList("localhost", null, null, "example.org", "other.example", "other.example"), asked);
            assertEquals(4, served);
            servers.forEach(Server::close);
        });
    }

    private static HttpRequest request(String host) {
        return HttpRequest.newBuilder(URI.create("https://" + host + "/")).build();
    }
}
