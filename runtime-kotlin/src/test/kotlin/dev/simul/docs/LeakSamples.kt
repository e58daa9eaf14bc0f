// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.observe.metrics
import dev.simul.queues.Queue
import dev.simul.sleep
import dev.simul.sync.Event
import dev.simul.taskGroup
import dev.simul.timeout
import kotlin.time.Duration.Companion.minutes

// The blocks of the guide to diagnosis about tasks that pile up; LeakSamplesTest runs them, DocsTest compares.

val payments = HashMap<Int, Event>()

fun pay(order: Int) {
    payments[order]?.set()
}

suspend fun serve(order: Int) {
    val paid = Event("payment")
    payments[order] = paid
    paid.wait()
    payments.remove(order)
}

suspend fun takeOrders(orders: Queue<Int>) {
    while (true) {
        val order = orders.get()
        createTask(name = "order $order") { serve(order) }
    }
}

suspend fun watchTasks() {
    while (true) {
        sleep(1.minutes)
        println("${getRunningLoop().metrics.tasks} tasks")
    }
}

suspend fun serveInTime(order: Int) {
    val paid = Event("payment")
    payments[order] = paid
    try {
        timeout(15.minutes) { paid.wait() }
    } catch (e: TimeoutException) {
        println("order $order is dropped")
    } finally {
        payments.remove(order)
    }
}

suspend fun serveCustomer(orders: Queue<Int>) {
    taskGroup {
        while (true) {
            val order = orders.get()
            it.createTask(name = "order $order") { serveInTime(order) }
        }
    }
}
