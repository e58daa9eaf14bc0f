// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import dev.simul.IgnoredSignals
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/**
 * A JVM that a test has started, to be looked into: it runs [main] as users start it, without a flag but for those in [options]. It is killed
 * after two minutes.
 */
internal class Program(
    main: String,
    vararg arguments: String,
    options: List<String> = emptyList(),
    home: String = System.getProperty("java.home"),
) : AutoCloseable {
    private val process: Process =
        ProcessBuilder(
            IgnoredSignals.undone(
                listOf("$home/bin/java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path")),
            ) +
                options + main + arguments,
        ).redirectErrorStream(true).start()
    private val output = process.inputReader()

    init {
        val limit = CompletableFuture.delayedExecutor(2, TimeUnit.MINUTES)
        val killing = CompletableFuture.runAsync({ process.destroyForcibly() }, limit)
        process.onExit().thenRun { killing.cancel(false) }
    }

    val pid: Long get() = process.pid()

    val isAlive: Boolean get() = process.isAlive

    /** Reads the line that it prints once it has begun. */
    fun awaitLine(line: String): Program =
        also {
            while (true) {
                val read = checkNotNull(output.readLine()) { "it has ended without saying '$line'" }
                if (read == line) return this
            }
        }

    /** Ends it by the end of its input, and returns what else it has printed. */
    fun end(): List<String> {
        process.outputStream.close()
        return output.readLines().also { process.waitFor() }
    }

    fun signal(name: String) {
        check(ProcessBuilder("kill", "-$name", "$pid").start().waitFor() == 0) { "cannot send $name" }
    }

    fun kill() {
        process.destroyForcibly().waitFor()
    }

    override fun close() {
        process.destroyForcibly()
    }
}
