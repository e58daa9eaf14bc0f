// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.loop.getRunningLoop
import dev.simul.observe.stallThreshold
import dev.simul.sleep
import dev.simul.taskGroup
import kotlin.time.Duration.Companion.milliseconds

// The blocks of the guide to diagnosis about loops that stutter; StutterSamplesTest runs them, DocsTest compares.

fun parse() {
    Thread.sleep(500) // stands for whatever takes long: a query, a large file
}

suspend fun importAll() {
    sleep(10.milliseconds)
    parse()
    println("imported")
}

suspend fun stutteringImport() {
    taskGroup {
        it.createTask(name = "clock") { repeat(5) { sleep(100.milliseconds) } }
        it.createTask(name = "import") { importAll() }
    }
}

fun watchClosely() {
    getRunningLoop().stallThreshold = 20.milliseconds
}

fun doNotWatch() {
    getRunningLoop().stallThreshold = null
}
