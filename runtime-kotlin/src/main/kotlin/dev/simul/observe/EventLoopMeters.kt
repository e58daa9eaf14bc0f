// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import io.micrometer.core.instrument.FunctionCounter
import io.micrometer.core.instrument.Gauge
import io.micrometer.core.instrument.MeterRegistry
import io.micrometer.core.instrument.Tag
import io.micrometer.core.instrument.TimeGauge
import io.micrometer.core.instrument.binder.MeterBinder
import java.util.concurrent.TimeUnit

/**
 * Registers a loop's metrics in Micrometer: the counter `simul.loop.turns`, the time `simul.loop.lag`, and the gauges `simul.loop.ready`,
 * `simul.loop.tasks`, `simul.loop.timers` and `simul.loop.connections`, with [tags].
 *
 * The registry does not keep the loop alive. Programs that use this class need `io.micrometer:micrometer-core`, on which this library does
 * not depend otherwise. asyncio has no equivalent.
 *
 * @param metrics those of the loop: `loop.metrics`, in Java `loop.metrics()`.
 * @param tags what tells this loop from others, if a program has several.
 */
public class EventLoopMeters
    @JvmOverloads
    constructor(
        private val metrics: LoopMetrics,
        private val tags: Iterable<Tag> = emptyList(),
    ) : MeterBinder {
        override fun bindTo(registry: MeterRegistry) {
            FunctionCounter
                .builder("simul.loop.turns", metrics) { it.turns.toDouble() }
                .description("Turns that the event loop has begun")
                .tags(tags)
                .register(registry)
            TimeGauge
                .builder("simul.loop.lag", metrics, TimeUnit.NANOSECONDS) { it.lagNanos.toDouble() }
                .description("How late the event loop runs what is ready")
                .tags(tags)
                .register(registry)
            registry.bindGauge("ready", "Callbacks that are ready to run") { it.ready }
            registry.bindGauge("tasks", "Tasks that are not done") { it.tasks }
            registry.bindGauge("timers", "Timers that are neither due nor cancelled") { it.timers }
            registry.bindGauge("connections", "Connections that are open") { it.connections }
        }

        private fun MeterRegistry.bindGauge(
            name: String,
            description: String,
            read: (LoopMetrics) -> Int,
        ) {
            Gauge
                .builder("simul.loop.$name", metrics) { read(it).toDouble() }
                .description(description)
                .tags(tags)
                .register(this)
        }
    }
