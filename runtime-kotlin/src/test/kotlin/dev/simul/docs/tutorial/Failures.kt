// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.failures

import dev.simul.exceptions.ExceptionGroup
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.taskGroup
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds

suspend fun fetch(
    page: String,
    time: Duration,
): String {
    try {
        sleep(time)
        if (page == "broken") throw IOException("cannot fetch $page")
        return "the text of $page"
    } finally {
        println("done with $page")
    }
}

fun main() {
    runLoop {
        val pages =
            taskGroup { group ->
                listOf("index", "news").map { page -> group.createTask { fetch(page, 100.milliseconds) } }
            }
        println(pages.map { it.result() })

        try {
            taskGroup { group ->
                group.createTask { fetch("broken", 100.milliseconds) }
                group.createTask { fetch("endless", 1.hours) }
            }
        } catch (e: ExceptionGroup) {
            println(e.exceptions.map { it.message })
        }
    }
}
