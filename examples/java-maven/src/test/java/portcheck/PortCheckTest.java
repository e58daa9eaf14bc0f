// SPDX-License-Identifier: Apache-2.0
package portcheck;

import dev.simul.junit.AsyncTest;
import dev.simul.junit.TestTime;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import portcheck.PortCheck.Answer;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.startServer;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static portcheck.PortCheck.State.CLOSED;
import static portcheck.PortCheck.State.OPEN;

class PortCheckTest {
    @AsyncTest(time = TestTime.REAL)
    void tellsOpenPortsFromClosedOnes() {
        var first = await(startServer("127.0.0.1", 0, (reader, writer) -> writer.close()));
        var second = await(startServer("127.0.0.1", 0, (reader, writer) -> writer.close()));
        int open = ((InetSocketAddress) first.addresses().get(0)).getPort();
        int closed = ((InetSocketAddress) second.addresses().get(0)).getPort();
        second.close();
        try (first) {
            var answers = new PortCheck("127.0.0.1", Duration.ofSeconds(30)).check(List.of(closed, open));
            assertEquals(List.of(new Answer(closed, CLOSED), new Answer(open, OPEN)), answers);
        }
    }
}
