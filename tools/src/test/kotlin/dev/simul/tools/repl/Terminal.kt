// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.repl

import dev.simul.IgnoredSignals
import dev.simul.tools.toolCommand
import io.kotest.assertions.fail
import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** A REPL at a terminal, and who sits there. */
internal class Terminal(
    home: Path,
) : AutoCloseable {
    private val process =
        ProcessBuilder(IgnoredSignals.undone(listOf("python3", "-c", ON_A_TERMINAL) + toolCommand("repl", home = home)))
            .redirectErrorStream(true)
            .apply { environment()["TERM"] = "xterm" }
            .start()
    private val chunks = LinkedBlockingQueue<String>()
    private val reader = Thread(::read).apply { start() }
    private var shown = ""
    private var expected = 0

    private fun read() {
        val chunk = CharArray(4096)
        val output = process.inputStream.reader()
        do {
            val length = output.read(chunk)
            chunks.put(if (length < 0) END else String(chunk, 0, length))
        } while (length >= 0)
    }

    /** Everything that was shown, without what moves the cursor. */
    private val screen: String get() = shown.replace(ESCAPES, "").replace("\r", "")

    fun type(keys: String) {
        process.outputStream.write(keys.toByteArray())
        process.outputStream.flush()
    }

    /** Waits until [text] is shown, after what was waited for before. */
    fun await(text: String) {
        val deadline = TimeSource.Monotonic.markNow() + 60.seconds
        while (screen.indexOf(text, expected) < 0) {
            val left = -deadline.elapsedNow().inWholeMilliseconds
            val chunk = chunks.poll(left, TimeUnit.MILLISECONDS) ?: END
            if (chunk == END) fail("'$text' is not shown; what is:\n$screen")
            shown += chunk
        }
        expected = screen.indexOf(text, expected) + text.length
    }

    /** Waits until the REPL has ended, and returns its status. */
    fun end(): Int {
        check(process.waitFor(60, TimeUnit.SECONDS)) { "it goes on:\n$screen" }
        reader.join()
        return process.exitValue()
    }

    override fun close() {
        process.descendants().forEach { it.destroyForcibly() }
        process.destroyForcibly()
    }

    companion object {
        const val CTRL_C = "\u0003"
        const val UP = "\u001bOA"
        const val TAB = "\t"

        val isThere: Boolean
            get() =
                IgnoredSignals.obstacle == null &&
                    try {
                        ProcessBuilder("python3", "-c", "import pty").start().waitFor() == 0
                    } catch (_: IOException) {
                        false
                    }

        private const val END = ""
        private const val ON_A_TERMINAL =
            "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))"
        private val ESCAPES = Regex("\u001b(\\[[0-9;?\$]*[A-Za-z]|[=>]|[()].)")
    }
}
