// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.docs;

import dev.simul.facade.EventLoop;
import dev.simul.observe.EventLoopMeters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;

import static dev.simul.facade.Asyncio.getRunningLoop;

/** The blocks about metrics and JMX of the guide to diagnosis; {@code MetricsSamplesTest} runs them, {@code DocsTest} compares. */
final class MetricsSamples {
    private MetricsSamples() {}

    static String describeLoad(EventLoop loop) {
        var metrics = loop.metrics();
        return metrics.tasks() + " tasks, " + metrics.ready() + " ready, " + metrics.timers() + " timers, lag "
                + Duration.ofNanos(metrics.lagNanos());
    }

    static void bindMetrics(MeterRegistry registry) {
        new EventLoopMeters(getRunningLoop().metrics(), Tags.of("loop", "main")).bindTo(registry);
    }

    static List<String> waitsOfTasks(MBeanServerConnection server) throws Exception {
        var name = new ObjectName("dev.simul:type=EventLoops");
        var loops = (CompositeData[]) server.invoke(name, "snapshot", new Object[] {false}, new String[] {"boolean"});
        return Arrays.stream(loops)
                .flatMap(loop -> Arrays.stream((CompositeData[]) loop.get("tasks")))
                .map(task -> task.get("name") + " waits for " + task.get("waitingFor"))
                .toList();
    }
}
