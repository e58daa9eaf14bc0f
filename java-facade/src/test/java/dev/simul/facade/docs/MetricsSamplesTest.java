// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.Lock;
import dev.simul.facade.TaskOptions;
import dev.simul.facade.VirtualClock;
import dev.simul.observe.jmx.EventLoopsBean;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import javax.management.MBeanServerFactory;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.createTask;
import static dev.simul.facade.Asyncio.currentTask;
import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class MetricsSamplesTest {
    @Test
    @DisplayName("the metrics of a loop are told, and bound to a registry")
    void metrics() {
        var registry = new SimpleMeterRegistry();
        VirtualClock.runTest(() -> {
            createTask(() -> await(sleep(Duration.ofHours(1))));
            await(sleep(Duration.ofMillis(1)));
            assertEquals("2 tasks, 0 ready, 1 timers, lag PT0S", MetricsSamples.describeLoad(getRunningLoop()));
            MetricsSamples.bindMetrics(registry);
            assertEquals(2, registry.get("simul.loop.tasks").tag("loop", "main").gauge().value());
        });
    }

    @Test
    @DisplayName("the waits of all tasks are told by JMX")
    void waits() throws Exception {
        var server = MBeanServerFactory.newMBeanServer();
        EventLoopsBean.INSTANCE.registerIn(server);
        VirtualClock.runTest(() -> {
            var lock = new Lock();
            await(lock.acquire());
            createTask(new TaskOptions().name("waiter"), () -> await(lock.acquire()));
            await(sleep(Duration.ofMillis(1)));
            var waits = MetricsSamples.waitsOfTasks(server);
            var holder = ", last acquired by " + currentTask().getName();
            assertTrue(
                    waits.contains("waiter waits for Lock.acquire of <Lock [locked, waiters:1]>" + holder), waits::toString);
        });
    }
}
