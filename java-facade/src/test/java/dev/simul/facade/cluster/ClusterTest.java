// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.cluster;

import dev.simul.bodies.Carrier;
import dev.simul.cluster.MembershipChange;
import dev.simul.facade.BodyThreads;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.gather;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.run;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class ClusterTest {
    /** The members of this process share it. */
    private static final CountDownLatch MAY_END = new CountDownLatch(1);

    private final String name = "facade-" + ProcessHandle.current().pid();

    @Test
    @DisplayName("a member that nobody configures does the works of its cluster, wherever they may run")
    void defaults() {
        run(() -> {
            var cluster = await(Cluster.start(name));
            try (cluster) {
                assertEquals(name, cluster.name());
                assertTrue(cluster.hazelcast().getLifecycleService().isRunning());
                assertEquals(42, await(cluster.runInExecutor(() -> 6 * 7)));
                assertEquals("till", await(cluster.runOnKeyOwner("key", () -> "till")));
                assertEquals("till", await(cluster.runOnKeyOwner("key", true, () -> "till")));
                assertEquals(List.of(cluster.localMember()), cluster.members());
            }
            assertFalse(cluster.hazelcast().getLifecycleService().isRunning());
        });
    }

    @Test
    @DisplayName("the options of a member reach Hazelcast, and so do those that only Hazelcast has")
    void options() {
        var options = new ClusterOptions()
                .address("127.0.0.1")
                .portCount(50)
                .threads(3)
                .maxPending(5)
                .heartbeatTimeout(Duration.ofSeconds(9))
                .configure(config -> config.setProperty("facade.test", "yes"));
        run(() -> {
            var cluster = await(Cluster.start(name + "-options", List.of("127.0.0.1"), options));
            var config = cluster.hazelcast().getConfig();
            assertEquals("yes", config.getProperty("facade.test"));
            assertEquals("9", config.getProperty("hazelcast.max.no.heartbeat.seconds"));
            assertEquals(50, config.getNetworkConfig().getPortCount());
            await(cluster.aclose());
        });
    }

    @Test
    @DisplayName("calls that wait need no body each")
    void waitingCalls() {
        var options = new ClusterOptions().threads(2).maxPending(4);
        run(() -> {
            getRunningLoop().setCarrier(Carrier.PLATFORM); // Its bodies can be counted.
            try (var cluster = await(Cluster.start(name + "-waiting", List.of("127.0.0.1"), options))) {
                var calls = Stream.generate(() -> cluster.runInExecutor(() -> {
                    MAY_END.await();
                    return 1;
                })).limit(100).toList();
                await(sleep(Duration.ofMillis(20)));
                assertTrue(BodyThreads.count() < 10, () -> BodyThreads.count() + " threads of bodies");
                MAY_END.countDown();
                assertEquals(Collections.nCopies(100, 1), await(gather(calls)));
            } finally {
                MAY_END.countDown();
            }
        });
    }

    @Test
    @DisplayName("a reliable topic gives a small buffer all messages, and a member that joins and leaves is seen")
    void topicsAndChanges() {
        run(() -> {
            try (var one = await(Cluster.start(name + "-topics"));
                    var changes = await(one.membershipChanges());
                    var fewChanges = await(one.membershipChanges(4))) {
                Topic<Integer> topic = await(one.reliableTopic("numbers"));
                assertEquals("numbers", topic.name());
                var seen = new ArrayList<Integer>();
                try (var messages = await(topic.messages(2))) {
                    for (int i = 0; i < 5; i++) await(topic.publish(i));
                    for (int message : messages) {
                        seen.add(message);
                        if (seen.size() == 5) break;
                    }
                }
                assertEquals(List.of(0, 1, 2, 3, 4), seen);

                await(await(Cluster.start(name + "-topics")).aclose());
                for (var told : List.of(changes, fewChanges)) {
                    var kinds = new ArrayList<MembershipChange.Kind>();
                    for (MembershipChange change : told) {
                        kinds.add(change.kind());
                        if (kinds.size() == 2) break;
                    }
                    assertEquals(List.of(MembershipChange.Kind.JOINED, MembershipChange.Kind.LEFT), kinds);
                }
            }
        });
    }
}
