// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.observe.EventLoopMeters
import dev.simul.observe.metrics
import io.micrometer.core.instrument.MeterRegistry
import io.micrometer.core.instrument.Tags
import javax.management.MBeanServerConnection
import javax.management.ObjectName
import javax.management.openmbean.CompositeData
import kotlin.time.Duration.Companion.nanoseconds

// The blocks about metrics and JMX of the guide to diagnosis; MetricsSamplesTest runs them, DocsTest compares.

fun describeLoad(loop: EventLoop): String {
    val metrics = loop.metrics
    return "${metrics.tasks} tasks, ${metrics.ready} ready, ${metrics.timers} timers, lag ${metrics.lagNanos.nanoseconds}"
}

fun bindMetrics(registry: MeterRegistry) {
    EventLoopMeters(getRunningLoop().metrics, Tags.of("loop", "main")).bindTo(registry)
}

fun waitsOfTasks(server: MBeanServerConnection): List<String> {
    val name = ObjectName("dev.simul:type=EventLoops")
    val loops = server.invoke(name, "snapshot", arrayOf(false), arrayOf("boolean")) as Array<*>
    val tasks = loops.flatMap { ((it as CompositeData)["tasks"] as Array<*>).toList() }
    return tasks.map { task -> (task as CompositeData).let { "${it["name"]} waits for ${it["waitingFor"]}" } }
}
