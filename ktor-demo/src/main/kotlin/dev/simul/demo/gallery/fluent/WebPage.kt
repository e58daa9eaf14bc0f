// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.demo.gallery.run
import dev.simul.generators.asyncContextManager
import dev.simul.loop.getRunningLoop
import dev.simul.runInExecutor
import dev.simul.use

private fun downloadWebpage(url: String): String {
    Thread.sleep(100) // It blocks its thread, and not the loop.
    return "<title>$url</title>"
}

private fun updateStats(url: String) = println("$url was seen once more")

private fun process(data: String) = println("processing $data")

private fun webPage(url: String) =
    asyncContextManager {
        val loop = getRunningLoop()
        val data = loop.runInExecutor { downloadWebpage(url) }.await()
        yield(data)
        loop.runInExecutor { updateStats(url) }.await()
    }

internal fun webPage() =
    run {
        webPage("google.com").use { data ->
            process(data)
        }
    }
