// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.loop.addSignalHandler
import dev.simul.loop.getRunningLoop
import dev.simul.observe.dumpTasks
import dev.simul.observe.formatCallGraph
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
    val checking = Lock()
    val savings = Lock()
    getRunningLoop().callLater(1.seconds) { dumpTasks(System.out) }
    taskGroup {
        it.createTask(name = "save") { move(checking, savings) }
        it.createTask(name = "spend") { move(savings, checking) }
    }
}

fun dumpOnSignal() {
    getRunningLoop().addSignalHandler("USR1") { dumpTasks() }
}

suspend fun whoAsked(): String {
    sleep(10.milliseconds)
    return formatCallGraph()
}
