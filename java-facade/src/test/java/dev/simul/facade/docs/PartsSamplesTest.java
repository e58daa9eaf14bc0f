// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Asyncio;
import dev.simul.facade.Server;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.openConnection;
import static dev.simul.facade.Asyncio.sleep;
import static dev.simul.facade.Asyncio.startServer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

class PartsSamplesTest {
    @Test
    @DisplayName("a loop has its own parts")
    void parts() {
        int drawn = PartsSamples.runOnPartsOfMyOwn(SelectorProvider.provider(), () -> {
            sleep(Duration.ofHours(1)).await();
            try (var server = startServer("db.test", 0, (reader, writer) -> writer.close()).await();
                    var streams = openConnection("db.test", portOf(server)).await()) {
                assertEquals(0, streams.reader().read().await().length);
            }
            return getRunningLoop().random().nextInt();
        });
        assertEquals(new Random(42).nextInt(), drawn);
    }

    @Test
    @DisplayName("another library's channel is drained, and closed from any thread")
    void drain() {
        Asyncio.run(() -> {
            try (var server = startServer("127.0.0.1", 0, (reader, writer) -> writer.write("one".getBytes(UTF_8))).await();
                    var channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", portOf(server)))) {
                var drain = new PartsSamples.Drain(getRunningLoop(), channel);
                while (drain.received.size() < 3) sleep(Duration.ZERO).await();
                assertEquals("one", drain.received.toString(UTF_8));
                var closer = new Thread(drain::close);
                closer.start();
                closer.join();
                while (channel.isOpen()) sleep(Duration.ZERO).await();
                server.closeClients();
            }
        });
    }

    private static int portOf(Server server) {
        return ((InetSocketAddress) server.addresses().get(0)).getPort();
    }
}
