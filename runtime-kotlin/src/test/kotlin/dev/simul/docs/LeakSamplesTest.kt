// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.observe.metrics
import dev.simul.queues.Queue
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class LeakSamplesTest :
    FunSpec({
        beforeTest { payments.clear() }

        test("the number of tasks grows as the guide shows") {
            val printed =
                printed {
                    runTest {
                        val orders = Queue<Int>()
                        createTask(name = "orders") { takeOrders(orders) }
                        createTask(name = "watch") { watchTasks() }
                        customers(orders, last = 200)
                    }
                }
            DiagnosisGuide.text shouldContain printed.joinToString("\n", prefix = "```text\n", postfix = "\n```\n")
        }

        loopTest("each order that nobody pays waits in the line that the guide tells") {
            val orders = Queue<Int>()
            createTask(name = "orders") { takeOrders(orders) }
            customers(orders, last = 3)
            sleep(1.minutes)
            getRunningLoop().metrics.tasks shouldBe 3
            payments.keys shouldContainExactly setOf(3)
        }

        test("with a timeout, an order is dropped in the end, and nothing is left of it") {
            val printed =
                printed {
                    runTest {
                        createTask { serveInTime(7) }.await()
                        val paid = createTask { serveInTime(8) }
                        sleep(1.seconds)
                        pay(8)
                        paid.await()
                    }
                }
            printed shouldBe listOf("order 7 is dropped")
            payments.shouldBeEmpty()
        }

        loopTest("with a group, the orders go with their customer") {
            val orders = Queue<Int>()
            val customer = createTask { serveCustomer(orders) }
            repeat(10) { orders.put(it) }
            sleep(1.seconds)
            getRunningLoop().metrics.tasks shouldBe 12
            customer.cancel()
            shouldThrow<CancelledException> { customer.await() }
            getRunningLoop().metrics.tasks shouldBe 1
            payments.shouldBeEmpty()
        }
    })

/** One order a second; each third customer leaves without a word, the others pay after ten seconds. */
private suspend fun customers(
    orders: Queue<Int>,
    last: Int,
) {
    for (order in 1..last) {
        orders.put(order)
        if (order % 3 != 0) getRunningLoop().callLater(10.seconds) { pay(order) }
        sleep(1.seconds)
    }
}
