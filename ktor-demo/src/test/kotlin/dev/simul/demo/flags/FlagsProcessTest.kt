// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.demo.DemoProcess
import dev.simul.demo.RawServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldMatch
import kotlinx.coroutines.awaitCancellation
import java.nio.file.Path
import javax.imageio.ImageIO
import kotlin.io.path.exists
import kotlin.io.path.isExecutable
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.time.Duration.Companion.milliseconds
import dev.simul.run as runLoop

/** `simul demo flags` in JVMs of their own. */
class FlagsProcessTest :
    FunSpec({
        for (java in listOf(emptyArray(), arrayOf("--java"))) {
            val name = "Ctrl-C cancels what is in flight, and tells what there is: ${java.toList()}"
            test(name).config(enabledOrReasonIf = DemoProcess.canBeInterrupted) {
                val folder = tempdir().toPath().resolve("flags")
                withStuckServer("FR", "DE", "BR") { base ->
                    DemoProcess("flags", "-v", "-m", "1000", "-s", "remote", "--base-url", base, "--output", "$folder", *java).use {
                        it.line() shouldBe "Downloading 193 flags from REMOTE, at most 1000 requests at a time"
                        List(3) { _ -> it.line() }.sorted() shouldBe listOf("BR OK", "DE OK", "FR OK")
                        it.interrupt()
                        it.line() shouldMatch Regex("interrupted: 3 saved, 0 not found, 0 failed in [0-9.]+s")
                        it.rest().last() shouldBe "They are in $folder"
                        it.end() shouldBe 130
                        it.complaints.shouldBeEmpty()
                    }
                }
                folder.listDirectoryEntries().map { it.name }.sorted() shouldBe listOf("Brazil.png", "France.png", "Germany.png")
            }

            val atFullSpeed = "Ctrl-C at full speed leaves whole files only, as many as it says: ${java.toList()}"
            test(atFullSpeed).config(enabledOrReasonIf = DemoProcess.canBeInterrupted) {
                val folder = tempdir().toPath().resolve("flags")
                withStuckServer(*memberStates.dropLast(1).toTypedArray()) { base ->
                    // so that it is never through before
                    DemoProcess("flags", "-v", "-s", "remote", "--base-url", base, "--output", "$folder", *java).use {
                        repeat(20) { _ -> it.line() }
                        it.interrupt()
                        val result = it.rest().single { line -> "saved" in line }
                        it.end() shouldBe 130
                        val saved = Regex("interrupted: ([0-9]+) saved, .*").matchEntire(result)!!.groupValues[1].toInt()
                        folder.listDirectoryEntries() shouldHaveSize saved
                        it.complaints.shouldBeEmpty()
                    }
                }
                for (file in folder.listDirectoryEntries()) ImageIO.read(file.toFile()).width shouldBe FLAG_WIDTH
            }
        }

        test("Ctrl-C before anything is saved leaves no folder").config(enabledOrReasonIf = DemoProcess.canBeInterrupted) {
            val below = tempdir().toPath()
            withStuckServer { base ->
                DemoProcess("flags", "-s", "remote", "--base-url", base, "--output", "${below.resolve("made/for")}").use {
                    it.line() shouldBe "Downloading 193 flags from REMOTE, at most 30 requests at a time"
                    it.interrupt()
                    it.line() shouldMatch Regex("interrupted: 0 saved, 0 not found, 0 failed in .*")
                    it.end() shouldBe 130
                }
            }
            below.listDirectoryEntries().shouldBeEmpty()
        }

        test("a file that the disk has no room for is told in one line, and nothing of it is left").config(enabled = BASH.isExecutable()) {
            val folder = tempdir().toPath()
            val huge = ByteArray(8 * MEGABYTE)
            val answers = { path: String -> RawServer.answer("200 OK", if (".png" in path) huge else metadataOf("FR").toByteArray()) }
            RawServer(answers).use { server ->
                val arguments = arrayOf("flags", "fr", "-q", "-s", "remote", "--base-url", server.base, "--output", "$folder")
                DemoProcess(*arguments, shell = listOf("$BASH", "-c", "ulimit -f 4096; exec \"$@\"", "bash")).use {
                    it.rest().shouldBeEmpty()
                    it.end() shouldBe 1
                    it.complaints shouldBe listOf("Error: cannot save flags in '$folder': File too large; name another --output")
                }
            }
            folder.exists() shouldBe true
            folder.listDirectoryEntries().shouldBeEmpty()
        }
    })

/** Does [block] with the URL of a server that has flags for those [codes], and never answers anything else. */
private fun withStuckServer(
    vararg codes: String,
    block: (base: String) -> Unit,
) {
    val server =
        object : FlagServer(1.milliseconds) {
            override suspend fun ponder(code: String) {
                if (code !in codes) awaitCancellation()
            }
        }
    try {
        block(runLoop { server.open() })
    } finally {
        runLoop { server.aclose() }
    }
}

private val BASH = Path.of("/bin/bash")

private const val MEGABYTE = 1 shl 20
