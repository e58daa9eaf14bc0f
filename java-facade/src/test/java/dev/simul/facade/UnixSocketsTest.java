// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade;

import dev.simul.transports.Protocol;
import dev.simul.transports.Transport;
import java.io.IOException;
import java.net.BindException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openUnixConnection;
import static dev.simul.facade.Asyncio.startUnixServer;
import static dev.simul.facade.Sockets.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class UnixSocketsTest {
    /** The names of such sockets must be short. */
    private Path folder;

    @BeforeEach
    void createFolder() throws IOException {
        folder = Files.createTempDirectory("s");
    }

    @AfterEach
    void deleteFolder() throws IOException {
        try (var files = Files.list(folder)) {
            for (var file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }

    private static void shout(StreamReader reader, StreamWriter writer) {
        try (writer) {
            for (String line : reader.lines()) {
                writer.write(line.toUpperCase() + "\n");
            }
        }
    }

    private static String shouted(Streams streams) {
        streams.writer().write("hello\n");
        return streams.reader().lines().iterator().next();
    }

    @Test
    @DisplayName("bodies talk by a socket in the file system, which goes with its server")
    void streams() {
        var path = folder.resolve("it");
        run(() -> {
            try (var server = startUnixServer(path, UnixSocketsTest::shout).await()) {
                assertEquals(List.of(UnixDomainSocketAddress.of(path)), server.addresses());
                try (var streams = openUnixConnection(path).await()) {
                    assertEquals("HELLO", shouted(streams));
                }
            }
            assertFalse(Files.exists(path));
            assertThrows(IOException.class, () -> openUnixConnection(path).await());
        });
    }

    @Test
    @DisplayName("a server may leave its socket there, and the next one removes it; other files stay")
    void left() {
        var path = folder.resolve("it");
        run(() -> {
            for (int i = 0; i < 2; i++) {
                try (var server = startUnixServer(path, new ServerOptions().backlog(5), 100, false, UnixSocketsTest::shout).await();
                        var streams = openUnixConnection(path, new ConnectionOptions(), 100).await()) {
                    assertTrue(server.isServing());
                    assertEquals("HELLO", shouted(streams));
                }
                assertTrue(Files.exists(path));
            }
            var other = Files.createFile(folder.resolve("other"));
            assertThrows(BindException.class, () -> startUnixServer(other, UnixSocketsTest::shout).await());
            assertTrue(Files.exists(other));
        });
    }

    @Test
    @DisplayName("protocols do as well, by paths and by channels that were bound before")
    void protocols() {
        run(() -> {
            var loop = getRunningLoop();
            var servers = new ArrayList<Server>();
            servers.add(loop.createUnixServer(folder.resolve("1"), Echo::new).await());
            servers.add(loop.createUnixServer(folder.resolve("2"), new ServerOptions(), true, Echo::new).await());
            var channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            channel.bind(UnixDomainSocketAddress.of(folder.resolve("3")));
            servers.add(loop.createUnixServer(channel, new ServerOptions(), true, Echo::new).await());
            for (var server : servers) {
                var path = ((UnixDomainSocketAddress) server.addresses().get(0)).getPath();
                var reader = new StreamReader();
                var connection = loop.createUnixConnection(path, () -> new StreamReaderProtocol(reader)).await();
                connection.transport().write("one\n");
                assertEquals("one", reader.lines().iterator().next());
                connection.transport().close();
                var other = loop.createUnixConnection(path, new ConnectionOptions(), Echo::new).await();
                other.transport().close();
                server.close();
            }
        });
    }

    private static final class Echo implements Protocol {
        private Transport transport;

        @Override
        public void connectionMade(Transport transport) {
            this.transport = transport;
        }

        @Override
        public void dataReceived(byte[] data) {
            transport.write(data);
        }
    }
}
