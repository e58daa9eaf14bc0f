package dev.simul.demo

import io.kotest.assertions.fail
import java.io.File
import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * A demo in a JVM of its own, as users run it; for what only a process of one's own shows, such as Ctrl-C.
 *
 * @param shell what runs the command that follows it, if anything does.
 */
internal class DemoProcess(
    vararg arguments: String,
    shell: List<String> = emptyList(),
) : AutoCloseable {
    private val err = File.createTempFile("simul-demo-", ".err")
    private val process = ProcessBuilder(shell + COMMAND + arguments).redirectError(err).start()
    private val lines = LinkedBlockingQueue<String>()
    private val said = ArrayList<String>()
    private val reader =
        thread(isDaemon = true, name = "what the demo says") {
            try {
                process.inputReader(Charsets.UTF_8).useLines { it.forEach(lines::put) }
            } catch (_: IOException) {
                // It was killed.
            }
            lines.put(END)
        }

    /** All lines of its stdout that [await] has seen. */
    val out: List<String> get() = said

    /** What it says on stderr, once it has ended. */
    val complaints: List<String> get() = err.readLines().filterNot { it.startsWith("SLF4J") }

    /** Waits until it says a line that [regex] is found in, and returns what was found. */
    fun await(regex: Regex): MatchResult {
        val deadline = TimeSource.Monotonic.markNow() + PATIENCE
        while (true) {
            val line = next(deadline) ?: fail("it has not said '$regex', but: $said $complaints")
            regex.find(line)?.let { return it }
        }
    }

    /** Waits until it says something more, and returns that line. */
    fun line(): String = await(Regex(".*")).value

    /** Waits until it has ended, and returns the lines that it has said since [await] or [line]. */
    fun rest(): List<String> {
        val before = said.size
        end()
        return said.drop(before)
    }

    private fun next(deadline: TimeSource.Monotonic.ValueTimeMark): String? {
        val line = lines.poll(-deadline.elapsedNow().inWholeMilliseconds, TimeUnit.MILLISECONDS)
        return line?.takeUnless { it == END }?.also { said += it }
    }

    /** Presses Ctrl-C. */
    fun interrupt() {
        ProcessBuilder("kill", "-INT", "${process.pid()}").start().waitFor()
    }

    /** Waits until it has ended, and returns its exit status. */
    fun end(): Int {
        check(process.waitFor(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)) { "it goes on, having said: $said $complaints" }
        reader.join()
        lines.filterNot { it == END }.forEach(said::add)
        return process.exitValue()
    }

    override fun close() {
        process.destroyForcibly().waitFor(PATIENCE.inWholeSeconds, TimeUnit.SECONDS)
        err.delete()
    }

    companion object {
        /** Whether Ctrl-C can be sent here, and reach a child: one that a shell starts in the background ignores it. */
        val canBeInterrupted: Boolean = !System.getProperty("os.name").startsWith("Windows") && !ignoresInterrupts()

        private val PATIENCE = 60.seconds
        private const val END = "\u0000"
        private const val SIGINT = 2
        private val COMMAND =
            listOf(
                "${Path.of(System.getProperty("java.home"), "bin", "java")}",
                *arrayOf("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
                *arrayOf("--add-opens=java.base/java.lang=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED"),
                *arrayOf("-cp", System.getProperty("java.class.path"), "dev.simul.demo.MainKt"),
            )

        private fun ignoresInterrupts(): Boolean {
            val status = File("/proc/self/status").takeIf { it.exists() } ?: return false
            val ignored = status.readLines().first { it.startsWith("SigIgn:") }.substringAfter(":").trim()
            return ignored.toULong(16) shr (SIGINT - 1) and 1UL == 1UL
        }
    }
}
