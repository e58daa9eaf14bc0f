// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.turns
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.micrometer.core.instrument.Tag
import io.micrometer.core.instrument.simple.SimpleMeterRegistry
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.hours

class EventLoopMetersTest :
    FunSpec({
        loopTest("a registry has the metrics of the loop, with their tags") {
            val metrics = getRunningLoop().metrics
            val registry = SimpleMeterRegistry()
            EventLoopMeters(metrics, listOf(Tag.of("loop", "main"))).bindTo(registry)
            registry.meters.map { it.id.name } shouldContainExactlyInAnyOrder
                listOf("turns", "lag", "ready", "tasks", "timers", "connections").map { "simul.loop.$it" }

            createTask { sleep(1.hours) }
            turns(3)

            fun gauge(name: String) = registry.get("simul.loop.$name").tag("loop", "main").gauge().value().toInt()
            registry.get("simul.loop.turns").functionCounter().count().toLong() shouldBe metrics.turns
            registry.get("simul.loop.lag").timeGauge().value(TimeUnit.NANOSECONDS) shouldBe 0.0
            gauge("ready") shouldBe metrics.ready
            gauge("tasks") shouldBe metrics.tasks
            gauge("timers") shouldBe metrics.timers
            gauge("connections") shouldBe 0
        }
    })
