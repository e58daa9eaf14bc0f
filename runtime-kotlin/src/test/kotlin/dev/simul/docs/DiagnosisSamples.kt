// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.observe.dumpTasks
import dev.simul.observe.dumpTasksOn
import dev.simul.observe.formatCallGraph
import dev.simul.queues.Queue
import dev.simul.sleep
import dev.simul.sync.Lock
import dev.simul.taskGroup
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to diagnosis; DiagnosisSamplesTest runs them, DocsTest compares.

suspend fun move(
    from: Lock,
    to: Lock,
) {
    from.acquire()
    sleep(10.milliseconds)
    to.acquire()
    println("moved")
    to.release()
    from.release()
}

suspend fun hungTransfers() {
    val checking = Lock("checking")
    val savings = Lock("savings")
    getRunningLoop().callLater(1.seconds) { dumpTasks(System.out) }
    taskGroup {
        it.createTask(name = "save") { move(checking, savings) }
        it.createTask(name = "spend") { move(savings, checking) }
    }
}

fun dumpOnSignal() {
    getRunningLoop().dumpTasksOn("USR1")
}

suspend fun whoAsked(): String {
    sleep(10.milliseconds)
    return formatCallGraph()
}

suspend fun poll(orders: Queue<String>) {
    while (true) {
        try {
            println("got " + orders.get())
        } catch (e: Exception) {
            println("trying again")
        }
    }
}

suspend fun swallowedCancel() {
    val polling = createTask(name = "polling") { poll(Queue(0, "orders")) }
    sleep(1.seconds)
    polling.cancel("closing time")
    sleep(1.seconds)
    println(formatCallGraph(polling))
}
