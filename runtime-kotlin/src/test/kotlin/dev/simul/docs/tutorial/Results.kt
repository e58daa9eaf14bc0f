// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.results

import dev.simul.gather
import dev.simul.runLoop
import dev.simul.sleep
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

suspend fun fetch(
    page: String,
    time: Duration,
): String {
    sleep(time)
    println("$page is there")
    return "the text of $page"
}

fun main() {
    runLoop {
        val pages = gather({ fetch("index", 200.milliseconds) }, { fetch("news", 100.milliseconds) }).await()
        println(pages)
    }
}
