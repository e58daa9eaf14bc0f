package dev.simul.demo

import java.io.File
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit

/** `./simul demo` with [arguments], in a JVM of its own, which is killed if it has not ended after a minute. */
internal class DemoProcess(
    vararg arguments: String,
    shell: List<String> = emptyList(),
) : AutoCloseable {
    private val errors = File.createTempFile("simul-demo-", ".err")
    private val process = ProcessBuilder(shell + command(arguments)).redirectError(errors).start()
    private val output = process.inputReader()

    init {
        val limit = CompletableFuture.delayedExecutor(60, TimeUnit.SECONDS)
        val killing = CompletableFuture.runAsync({ process.destroyForcibly() }, limit)
        process.onExit().thenRun { killing.cancel(false) }
    }

    private fun command(arguments: Array<out String>): List<String> {
        val java = Path.of(System.getProperty("java.home"), "bin", "java")
        val options =
            listOf(
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--enable-native-access=ALL-UNNAMED",
            )
        val program = listOf("-cp", System.getProperty("java.class.path"), "dev.simul.demo.MainKt")
        return listOf("$java") + options + program + arguments
    }

    /** The next line it prints. */
    fun line(): String = checkNotNull(output.readLine()) { "it has ended: ${err()}" }

    /** All lines it still prints. */
    fun rest(): List<String> = output.readLines()

    /** Presses Ctrl-C. */
    fun interrupt() = check(ProcessBuilder("kill", "-INT", "${process.pid()}").start().waitFor() == 0) { "cannot send SIGINT" }

    /** Its exit status, once it has ended. */
    fun status(): Int = process.waitFor()

    /** What it has printed to stderr, but for remarks on the several logs that tests have. */
    fun err(): String = errors.useLines { lines -> lines.filterNot { "SLF4J" in it }.joinToString("\n") }

    override fun close() {
        process.destroyForcibly().waitFor()
        errors.delete()
    }

    companion object {
        /** Whether Ctrl-C reaches a child: one that a shell has started in the background ignores it. */
        val canBeInterrupted: Boolean = !System.getProperty("os.name").startsWith("Windows") && !isSigintIgnored()

        private fun isSigintIgnored(): Boolean {
            val status = File("/proc/self/status").takeIf { it.exists() } ?: return false
            val ignored = status.readLines().first { it.startsWith("SigIgn:") }.substringAfter(":").trim()
            return ignored.toULong(16) and 2UL != 0UL
        }
    }
}
