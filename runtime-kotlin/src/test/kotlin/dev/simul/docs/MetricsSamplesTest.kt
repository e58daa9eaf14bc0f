// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.observe.jmx.EventLoopsBean
import dev.simul.sleep
import dev.simul.sync.Lock
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.micrometer.core.instrument.simple.SimpleMeterRegistry
import javax.management.MBeanServerFactory
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

class MetricsSamplesTest :
    FunSpec({
        loopTest("the metrics of a loop are told, and bound to a registry") {
            val registry = SimpleMeterRegistry()
            createTask { sleep(1.hours) }
            sleep(1.milliseconds)
            describeLoad(getRunningLoop()) shouldBe "2 tasks, 0 ready, 1 timers, lag 0s"
            bindMetrics(registry)
            registry
                .get("simul.loop.tasks")
                .tag("loop", "main")
                .gauge()
                .value() shouldBe 2.0
        }

        loopTest("the waits of all tasks are told by JMX") {
            val server = MBeanServerFactory.newMBeanServer()
            EventLoopsBean.registerIn(server)
            val lock = Lock().also { it.acquire() }
            createTask(name = "waiter") { lock.acquire() }
            sleep(1.milliseconds)
            waitsOfTasks(server) shouldContain
                "waiter waits for Lock.acquire of <Lock [locked, waiters:1]>, last acquired by ${currentTask()!!.name}"
        }
    })
