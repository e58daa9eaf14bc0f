// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import dev.simul.IgnoredSignals
import io.kotest.assertions.fail
import io.kotest.core.test.Enabled
import io.kotest.core.test.EnabledOrReasonIf
import java.io.File
import java.io.IOException
import java.nio.file.Path
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

/**
 * A demo in a JVM of its own, as users run it; for what only a process of one's own shows, such as Ctrl-C. All signals reach it,
 * whoever has started the tests.
 *
 * @param shell what runs the command that follows it, if anything does.
 */
internal class DemoProcess(
    vararg arguments: String,
    shell: List<String> = emptyList(),
    jvmArguments: List<String> = emptyList(),
) : AutoCloseable {
    private val err = File.createTempFile("simul-demo-", ".err")
    private val process = ProcessBuilder(IgnoredSignals.undone(shell + JAVA + jvmArguments + DEMO + arguments)).redirectError(err).start()
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
        /** Enables tests that send signals to children. */
        val canBeInterrupted: EnabledOrReasonIf = { IgnoredSignals.obstacle?.let(Enabled::disabled) ?: Enabled.enabled }

        private val PATIENCE = 60.seconds
        private const val END = "\u0000"
        private val JAVA =
            listOf(
                "${Path.of(System.getProperty("java.home"), "bin", "java")}",
                *arrayOf("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"),
                *arrayOf("--add-opens=java.base/java.lang=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED"),
            )
        private val DEMO = listOf("-cp", System.getProperty("java.class.path"), "dev.simul.demo.MainKt")
    }
}
