// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.Child;
import dev.simul.IgnoredSignals;
import dev.simul.facade.ConnectionOptions;
import dev.simul.facade.ServerOptions;
import dev.simul.tls.Purpose;
import dev.simul.tls.SslCertVerificationException;
import dev.simul.tls.SslContext;
import dev.simul.tls.TestCertificatesKt;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.runLoop;
import static dev.simul.facade.Asyncio.startServer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

class DeploymentSamplesTest {
    @Test
    @DisplayName("the service says that it is draining, answers all the same, and ends with status 0")
    void service() throws Exception {
        assumeTrue(IgnoredSignals.getObstacle() == null, IgnoredSignals::getObstacle);
        var shell = List.of("sh", "-c", "exec \"$@\" 0 PT1S", "service");
        try (var service = new Child(Service.class.getName(), "127.0.0.1", List.of(), true, shell)) {
            assertEquals(List.of("200 alive", "200 ready", "503 draining", "200 done"), conversation(service));
            assertEquals(List.of("stopped"), service.rest());
            assertEquals(0, service.exitStatus());
        }
    }

    /** What it answers before and after it is told to end. */
    private static List<String> conversation(Child service) throws Exception {
        var line = service.line();
        while (!line.startsWith("listening at ")) { // A JVM may have something to say before its program has.
            line = service.line();
        }
        var address = "http://127.0.0.1:" + line.replaceAll("\\D", "");
        var live = get(address + "/live");
        var ready = get(address + "/ready");
        service.signal("TERM");
        assertEquals("draining", service.line());
        return List.of(live, ready, get(address + "/ready"), get(address + "/work"));
    }

    private static String get(String address) throws IOException, InterruptedException {
        var response = HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(address)).build(), BodyHandlers.ofString());
        return response.statusCode() + " " + response.body();
    }

    @Test
    @DisplayName("a certificate is replaced while the server runs, and what cannot be read replaces nothing")
    void reloaded(@TempDir Path folder) throws IOException {
        var certificate = folder.resolve("server.pem");
        var key = folder.resolve("server.key");
        present("expired", certificate, key);
        var tls = new DeploymentSamples.ReloadedTls(certificate, key);
        runLoop(() -> {
            var options = new ServerOptions().ssl(tls.context());
            try (var server = await(startServer("127.0.0.1", 0, options, (reader, writer) -> writer.close()))) {
                int port = ((InetSocketAddress) server.addresses().get(0)).getPort();
                assertThrows(SslCertVerificationException.class, () -> connect(port));
                present("server", certificate, key);
                assertThrows(SslCertVerificationException.class, () -> connect(port));
                tls.reload();
                connect(port);
                Files.writeString(certificate, "half a certif");
                assertThrows(IllegalArgumentException.class, tls::reload);
                connect(port);
            }
        });
    }

    private static void present(String name, Path certificate, Path key) throws IOException {
        Files.copy(TestCertificatesKt.certificate(name + ".pem"), certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(TestCertificatesKt.certificate(name + ".key"), key, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void connect(int port) throws IOException {
        var ssl = SslContext.createDefaultContext(Purpose.SERVER_AUTH, TestCertificatesKt.certificate("ca.pem"));
        try (var streams = await(openConnection("localhost", port, new ConnectionOptions().ssl(ssl)))) {
            await(streams.reader().read());
        }
    }
}
