// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.peers

import java.io.File
import java.io.IOException
import java.net.Socket
import java.nio.file.Files
import java.nio.file.Path
import java.util.Timer
import java.util.concurrent.TimeUnit
import kotlin.concurrent.schedule
import kotlin.io.path.ExperimentalPathApi
import kotlin.io.path.absolutePathString
import kotlin.io.path.deleteRecursively
import kotlin.io.path.readText

/** The processes of a benchmark, each on processors of its own, and a folder for what they write; both go with it. */
internal class Processes(
    name: String,
) : AutoCloseable {
    val scratch: Path = Files.createTempDirectory("simul-$name")
    val java: String = Path.of(System.getProperty("java.home"), "bin", "java").toString()
    private val classPath =
        System
            .getProperty("java.class.path")
            .split(File.pathSeparator)
            .joinToString(File.pathSeparator) { Path.of(it).absolutePathString() }
    private val started = ArrayList<Process>()

    /** Whether no more processes are started, since those that run are being ended; guarded by [started], as the list is. */
    private var closing = false
    private var lastPort = FIRST_PORT + (System.nanoTime() % PORTS).toInt()

    init {
        // Servers would outlive a benchmark that is ended by a signal.
        Runtime.getRuntime().addShutdownHook(Thread(::close))
    }

    fun freePort(): Int = ++lastPort

    /** Whether [command] is installed, and succeeds. */
    fun has(vararg command: String): Boolean = statusOf(*command) == 0

    /** The exit status of [command]; null if it is not installed. */
    fun statusOf(vararg command: String): Int? =
        try {
            val process = launch(ProcessBuilder(*command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD))
            process.waitFor().also { forget(process) }
        } catch (_: IOException) {
            null
        }

    fun onProcessors(
        processors: String,
        command: List<String>,
    ): List<String> = listOf("taskset", "-c", processors) + command

    /** A JVM like this one, with the benchmarks' own class path. */
    fun jvm(
        main: String,
        vararg args: String,
        options: List<String> = emptyList(),
        java: String = this.java,
    ): List<String> =
        listOf(java, "-XX:+UseSerialGC", "-Xmx1g", "--add-opens=java.base/java.lang=ALL-UNNAMED", "--enable-native-access=ALL-UNNAMED") +
            options + listOf("-cp", classPath, main) + args

    /** A JVM without any options but the class path. */
    fun plainJvm(
        main: String,
        vararg args: String,
        java: String = this.java,
    ): List<String> = listOf(java, "-cp", classPath, main) + args

    private fun launch(builder: ProcessBuilder): Process =
        synchronized(started) {
            if (closing) throw Stopped("the benchmark is being ended")
            builder.start().also(started::add)
        }

    private fun forget(process: Process) {
        synchronized(started) { started -= process }
    }

    /** The benchmark ends: nothing that fails now says anything about a program. */
    class Stopped(
        message: String,
    ) : RuntimeException(message)

    fun start(
        command: List<String>,
        vararg environment: Pair<String, String>,
    ): Process {
        val builder = ProcessBuilder(command).directory(scratch.toFile())
        builder.environment().putAll(environment)
        builder.redirectErrorStream(true).redirectOutput(scratch.resolve("server.log").toFile())
        return launch(builder)
    }

    /** Starts [command] as the server [name], and waits until it listens at [port]. */
    fun serve(
        name: String,
        port: Int,
        command: List<String>,
        vararg environment: Pair<String, String>,
    ): RunningServer {
        val process = start(command, *environment)
        try {
            awaitListening(port, process, name)
        } catch (failure: Throwable) {
            process.destroyTree()
            throw failure
        }
        return RunningServer(process)
    }

    /** A server that listens; closing it stops it. */
    class RunningServer(
        private val process: Process,
    ) : AutoCloseable {
        val pid: Long get() = process.pid()

        /** The processor time that it has taken. */
        val processorNanos: Long
            get() =
                process
                    .info()
                    .totalCpuDuration()
                    .orElseThrow()
                    .toNanos()

        override fun close() {
            process.destroy()
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) process.destroyTree()
        }
    }

    private fun awaitListening(
        port: Int,
        process: Process,
        name: String,
    ) {
        repeat(PATIENCE) {
            check(process.isAlive) { "the server $name ended:\n${scratch.resolve("server.log").readText().takeLast(MOST_SHOWN)}" }
            try {
                return Socket("127.0.0.1", port).close()
            } catch (_: IOException) {
                Thread.sleep(100)
            }
        }
        error("the server $name does not listen at $port")
    }

    /** The last line that [command] prints, or what follows [line] in the line that begins with it. */
    fun output(
        command: List<String>,
        vararg environment: Pair<String, String>,
        line: String = "",
    ): String? = run(command, *environment).lines.lastOrNull { it.startsWith(line) }?.removePrefix(line)?.trim()

    /** What a program has printed, and whether it ended well. */
    class Output(
        val lines: List<String>,
        val succeeded: Boolean,
    )

    /** Runs [command]. One that takes longer than [mostSeconds] is stopped, such as a client that keeps too much in its memory. */
    fun run(
        command: List<String>,
        vararg environment: Pair<String, String>,
        mostSeconds: Int = MOST_SECONDS,
    ): Output {
        val log = scratch.resolve("client.log")
        val builder = ProcessBuilder(command).directory(scratch.toFile()).redirectError(log.toFile())
        builder.environment().putAll(environment)
        val process = launch(builder)
        val limit = Timer(true).apply { schedule(mostSeconds * 1_000L) { process.destroyTree() } }
        val (lines, status) =
            try {
                process.inputStream.bufferedReader().readLines() to process.waitFor()
            } finally {
                limit.cancel()
                forget(process)
            }
        // Ctrl-C reaches it before this JVM's own hook sets `closing`.
        if (status in STOPPED) throw Stopped("a signal has ended ${command.first()}")
        if (status != 0) {
            val end = if (status == KILLED) "was stopped after $mostSeconds s" else log.readText().takeLast(MOST_SHOWN)
            System.err.println("${command.joinToString(" ").takeLast(MOST_SHOWN)}\n$end")
        }
        return Output(lines, status == 0)
    }

    @OptIn(ExperimentalPathApi::class)
    override fun close() {
        val running =
            synchronized(started) {
                closing = true
                started.toList()
            }
        // Before the processes end: whose parent is gone cannot be found any more.
        val children = running.flatMap { it.descendants().toList() }
        for (process in running) process.destroy()
        for (process in running) if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) process.destroyTree()
        for (child in children) child.destroyForcibly()
        scratch.deleteRecursively()
    }

    private companion object {
        /**
         * Ends the process and those that it has started, which would go on without it, and waits for its end. It is the first to go:
         * a shell whose command has ended may otherwise end well before it is struck.
         */
        fun Process.destroyTree() {
            val children = descendants().toList()
            destroyForcibly()
            children.forEach { it.destroyForcibly() }
            waitFor()
        }

        const val FIRST_PORT = 21_000
        const val PORTS = 9_000
        const val PATIENCE = 200
        const val PATIENCE_SECONDS = 10L
        const val MOST_SHOWN = 500

        /** For one program: several times what it takes to warm up and to measure. */
        const val MOST_SECONDS = 120

        /** The statuses of processes that SIGINT and SIGTERM have ended. */
        val STOPPED = setOf(130, 143)

        /** The status of a process that SIGKILL has ended. */
        const val KILLED = 137
    }
}
