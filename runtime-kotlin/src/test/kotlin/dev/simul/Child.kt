// SPDX-License-Identifier: Apache-2.0
package dev.simul

import java.io.File
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/**
 * A JVM that a test has started: it runs the program of that [name] in [main], for signals of all kinds.
 *
 * All signals reach it, whoever has started the tests. It is killed if it has not ended after a minute.
 *
 * @param options of the JVM; the last one of a kind counts, for its class path too.
 * @param isOpen whether bodies may be pumped in it; if not it is a JVM as users start it, without a flag.
 * @param shell what runs the command that follows it, if anything does.
 * @param java the home of its JDK.
 */
internal class Child
    @JvmOverloads
    constructor(
        main: String,
        name: String,
        options: List<String> = emptyList(),
        isOpen: Boolean = true,
        shell: List<String> = emptyList(),
        java: String = System.getProperty("java.home"),
    ) : AutoCloseable {
        private val process: Process =
            ProcessBuilder(
                IgnoredSignals.undone(shell) + listOf(File(java, "bin/java").path) +
                    listOf("-XX:TieredStopAtLevel=1") +
                    (if (isOpen) listOf("--add-opens=java.base/java.lang=ALL-UNNAMED") else emptyList()) +
                    listOf("-cp", System.getProperty("java.class.path")) + options + listOf(main, name),
            ).redirectErrorStream(true).start()

        private val output = process.inputReader()

        init {
            val limit = CompletableFuture.delayedExecutor(60, TimeUnit.SECONDS)
            val killing = CompletableFuture.runAsync({ process.destroyForcibly() }, limit)
            process.onExit().thenRun { killing.cancel(false) }
        }

        val isAlive: Boolean get() = process.isAlive

        val pid: Long get() = process.pid()

        /** Reads a line. */
        fun line(): String = checkNotNull(output.readLine()) { "the child has ended" }

        /** Reads until there is [line], and returns the lines before it. */
        fun await(line: String): List<String> {
            val before = ArrayList<String>()
            while (true) {
                val read = checkNotNull(output.readLine()) { "the child has ended without saying '$line', but: $before" }
                if (read == line) return before
                before += read
            }
        }

        /** Sends it the signal of that [name], unless it has ended. */
        fun signal(name: String) {
            val status = ProcessBuilder("kill", "-$name", "${process.pid()}").start().waitFor()
            check(status == 0 || process.waitFor(30, TimeUnit.SECONDS)) { "cannot send $name: kill ended with $status" }
        }

        /** Ends its standard input. */
        fun endInput() = process.outputStream.close()

        /** The rest of what it says, until it has ended. */
        fun rest(): List<String> = output.readLines()

        /** Its exit status, once it has ended; that of a signal is 128 and its number. */
        fun exitStatus(): Int = process.waitFor()

        override fun close() {
            process.destroyForcibly()
        }
    }
