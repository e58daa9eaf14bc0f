// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.cluster.Cluster;
import dev.simul.facade.cluster.ClusterOptions;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;

class ClusterSamplesTest {
    @Test
    @DisplayName("a member by itself is a cluster")
    void alone() {
        run(() -> assertEquals(Set.of("till 1"), ClusterSamples.countEverywhere().keySet()));
    }

    @Test
    @DisplayName("two members share work and messages, until one leaves")
    void two() throws Exception {
        int port = freePort();
        int other = freePort();
        String name = "samples-" + ProcessHandle.current().pid();
        var members = List.of("127.0.0.1:" + port);
        run(() -> {
            try (var one = await(Cluster.start(name, members, new ClusterOptions().port(port).memberName("one")))) {
                var two = await(Cluster.start(name, members, new ClusterOptions().port(other).memberName("two")));
                var member = two.localMember();
                try (two) {
                    assertEquals(1_229, ClusterSamples.primesBelow(one, 10_000));
                    assertEquals("order 7 is paid", ClusterSamples.charge(one, member, 7));
                    assertEquals(List.of("tea 250", "coffee 320"), ClusterSamples.watchPrices(one));
                }
                while (one.members().size() > 1) await(sleep(Duration.ofMillis(5)));
                assertEquals("order 8 is not paid", ClusterSamples.charge(one, member, 8));
            }
        });
    }

    private static int freePort() throws Exception {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
