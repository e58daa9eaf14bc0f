// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.Task
import dev.simul.createTask
import dev.simul.demo.gallery.Time.strftime
import dev.simul.demo.gallery.run
import dev.simul.exceptions.CancelledException
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun bgTask() {
    println("${strftime()}: In the background")
    throw RuntimeException("Ouch")
}

private fun doneCallback(task: Task<Unit>) {
    try {
        val e = task.exception()
        if (e != null) {
            println("${strftime()}: Task <${task.name}> raised an error: ${e.message}")
        } else {
            println("${strftime()}: Task <${task.name}> finished successfully")
        }
    } catch (_: CancelledException) {
        println("${strftime()}: Task <${task.name}> was cancelled!")
    }
}

internal fun doneCallback() =
    run {
        val task = createTask("bg_task") { bgTask() }
        task.addDoneCallback { doneCallback(task) }
        println("${strftime()}: Now we sleep and let bg_task do its thing")
        sleep(2.seconds)
        println("${strftime()}: I'm awake!")
    }
