// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import dev.simul.createTask
import dev.simul.docs.pay
import dev.simul.docs.takeOrders
import dev.simul.queues.Queue
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.toThread
import kotlin.time.Duration.Companion.milliseconds

/** The shop of the guide, in which each third customer has left without paying. It says `ready`, and ends with its input. */
internal object LeakingShop {
    private const val CUSTOMERS = 6_000

    private suspend fun open() {
        val orders = Queue<Int>(0, "orders")
        createTask(name = "orders") { takeOrders(orders) }
        for (order in 1..CUSTOMERS) orders.put(order)
        sleep(10.milliseconds)
        for (order in 1..CUSTOMERS) if (order % 3 != 0) pay(order)
        sleep(10.milliseconds)
        println("ready")
        toThread { System.`in`.readAllBytes() }
        Runtime.getRuntime().halt(0)
    }

    @JvmStatic
    fun main(arguments: Array<String>) = runLoop { open() }
}
