// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.cookbook

import dev.simul.repeating.every
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.timeout
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// The cookbook's program that Ctrl-C ends; CookbookTimesTest runs it, DocsTest compares.

fun main() {
    runLoop {
        val notes = ArrayList<String>()
        try {
            println("press Ctrl-C")
            every(1.seconds) { notes += "still here" }
        } finally {
            timeout(5.seconds) { save(notes) }
        }
    }
}

suspend fun save(notes: List<String>) {
    sleep(100.milliseconds) // Stands for a slow disk.
    println("saved ${notes.size} notes")
}
