// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import dev.simul.aclosing
import dev.simul.demo.Needing
import dev.simul.demo.programAt
import dev.simul.toThread
import io.kotest.assertions.withClue
import io.kotest.core.descriptors.Descriptor
import io.kotest.core.extensions.EnabledExtension
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import java.io.File
import java.util.concurrent.TimeUnit
import dev.simul.run as runLoop

/** The page in Chromium, which a script for Playwright operates. */
class PageTest :
    FunSpec({
        extension(Needing("node", "chromium"))
        extension(NeedingPlaywright)

        test("people find characters on the page, with the mouse and the keyboard, on large and small screens") {
            runLoop {
                aclosing(WebServer(toThread { InvertedIndex() })) { server ->
                    val address = server.start(0)
                    val (status, output) = toThread { browse(address) }
                    withClue(output) { status shouldBe 0 }
                }
            }
        }
    })

private val FOLDER = File("src/test/browser")

private object NeedingPlaywright : EnabledExtension {
    private val trouble by lazy {
        if (!FOLDER.resolve("node_modules/playwright-core").exists()) return@lazy "run 'npm install' in ktor-demo/$FOLDER"
        val (status, output) = browse(address = "")
        if (status == 0) null else "Chromium does not start here: $output"
    }

    override suspend fun isEnabled(descriptor: Descriptor): Enabled = trouble?.let { Enabled.disabled(it) } ?: Enabled.enabled
}

/** Runs the script on the page at [address], or just the browser if that is empty; its screenshots are left in `target`. Returns its exit status and what it said. */
private fun browse(address: String): Pair<Int, String> {
    val output = File.createTempFile("mojifinder-", ".out")
    val screenshots = File("target").apply { mkdirs() }
    val script =
        ProcessBuilder("node", "mojifinder.js", address, "${programAt("chromium")}", screenshots.absolutePath)
            .directory(FOLDER)
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start()
    try {
        val hasEnded = script.waitFor(180, TimeUnit.SECONDS)
        return if (hasEnded) script.exitValue() to output.readText() else -1 to "it goes on, having said: ${output.readText()}"
    } finally {
        script.descendants().forEach { it.destroyForcibly() }
        script.destroyForcibly()
        output.delete()
    }
}
