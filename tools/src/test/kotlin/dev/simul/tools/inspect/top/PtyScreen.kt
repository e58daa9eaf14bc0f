// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.IgnoredSignals
import dev.simul.tools.toolCommand
import io.kotest.assertions.fail
import org.jline.terminal.Size
import org.jline.utils.ScreenTerminal
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/** A tool at a terminal of a known size, what its screen shows, and who sits there. */
internal class PtyScreen(
    private var rows: Int,
    private var columns: Int,
    vararg arguments: String,
    type: String = "xterm-256color",
) : AutoCloseable {
    private val screen = ScreenTerminal(columns, rows)
    private val process =
        ProcessBuilder(IgnoredSignals.undone(listOf("python3", "-c", ON_A_TERMINAL, "$rows", "$columns") + toolCommand(*arguments)))
            .redirectErrorStream(true)
            .apply { environment()["TERM"] = type }
            .start()

    /** All that the terminal was sent. */
    private val sent = StringBuffer()
    private val reader = Thread(::read).apply { start() }

    private fun read() {
        val output = process.inputStream.reader()
        val chunk = CharArray(4096)
        while (true) {
            val length = output.read(chunk)
            if (length < 0) return
            val text = String(chunk, 0, length)
            sent.append(text)
            screen.write(text)
        }
    }

    /** The lines of the screen. */
    val lines: List<String>
        get() {
            val cells = LongArray(rows * columns)
            screen.dump(cells, IntArray(2))
            return List(rows) { row -> line(cells, row) }
        }

    private fun line(
        cells: LongArray,
        row: Int,
    ): String {
        val text = StringBuilder()
        for (column in 0 until columns) {
            val point = ScreenTerminal.cellCodePoint(cells[row * columns + column])
            text.appendCodePoint(if (point == 0) ' '.code else point)
        }
        return text.trimEnd().toString()
    }

    val shown: String get() = lines.joinToString("\n").trimEnd()

    val raw: String get() = sent.toString()

    /** Waits until the screen [is] so, which [what] says. */
    fun awaitThat(
        what: String,
        `is`: (String) -> Boolean,
    ) {
        val deadline = TimeSource.Monotonic.markNow() + 60.seconds
        while (!`is`(shown)) {
            if (deadline.hasPassedNow()) fail("it does not become true that $what; the screen:\n$shown")
            Thread.sleep(POLL_MILLIS) // A real terminal of another process: nobody tells when it has drawn.
        }
    }

    fun await(text: String) = awaitThat("it shows '$text'") { text in it }

    fun type(keys: String) {
        process.outputStream.write(keys.toByteArray())
        process.outputStream.flush()
    }

    fun resize(
        rows: Int,
        columns: Int,
    ) {
        this.rows = rows
        this.columns = columns
        screen.setSize(Size.of(columns, rows))
        type("\u0000$rows $columns")
    }

    /** Waits until the tool has ended, and returns its status. */
    fun end(): Int {
        check(process.waitFor(60, TimeUnit.SECONDS)) { "it goes on:\n$shown" }
        reader.join()
        return process.exitValue()
    }

    /** Ends the tool as `kill` does. */
    fun terminate() {
        process.descendants().forEach { it.destroy() }
    }

    override fun close() {
        process.descendants().forEach { it.destroyForcibly() }
        process.destroyForcibly()
    }

    companion object {
        const val ENTER_ALTERNATE = "\u001b[?1049h"
        const val LEAVE_ALTERNATE = "\u001b[?1049l"
        const val DOWN = "\u001bOB"
        const val CTRL_C = "\u0003"
        const val CTRL_Z = "\u001a"
        const val ESCAPE = "\u001b"

        private const val POLL_MILLIS = 20L

        /** Input that begins with a zero is a new size. */
        private val ON_A_TERMINAL =
            """
            import fcntl, os, pty, select, struct, sys, termios
            def resize(rows, columns):
                fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            child, terminal = pty.fork()
            if child == 0:
                os.execvp(sys.argv[3], sys.argv[3:])
            resize(int(sys.argv[1]), int(sys.argv[2]))
            sources = [0, terminal]
            while True:
                ready = select.select(sources, [], [])[0]
                if terminal in ready:
                    try:
                        data = os.read(terminal, 65536)
                    except OSError:
                        data = b""
                    if not data:
                        break
                    os.write(1, data)
                if 0 in ready:
                    data = os.read(0, 65536)
                    if not data:
                        sources.remove(0)
                    elif data[:1] == b"\0":
                        resize(*map(int, data[1:].split()))
                    else:
                        os.write(terminal, data)
            sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) % 256)
            """.trimIndent()
    }
}
