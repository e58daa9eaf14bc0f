// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.workers

import dev.simul.benchmarks.peers.Options
import dev.simul.benchmarks.peers.Processes
import java.nio.file.Path

/**
 * What `serve` gives and costs, with two workers on two processors, which the load shares with them unless it says so. Each part takes less
 * than a minute.
 *
 * - `burn`: lines a second of handlers that burn 200 µs each, by one worker and by two, beside an ordinary loop; and what two threads that
 *   only burn reach on this machine.
 * - `echo-apart`: processor time of the server for each echo, of its whole process, by an ordinary loop, by two that know nothing of each
 *   other, and by one worker and two. The server has the first processor and the load the second, so that no loop waits for the load.
 * - `echo-together`: the same, where all of them have both processors; it counts what it costs that loops fall asleep and are woken, too.
 * - `accept`: connections a second, and how evenly they are shared, by the three ways to share a listener.
 *
 * Arguments: the folder of the sources; `--rounds N`, one unless set: the medians count; `--only REGEX` for those parts whose names it
 * matches; `--quick` for half a second in the place of each second, to see that it works.
 */
internal object WorkersBench {
    @JvmStatic
    fun main(args: Array<String>) {
        val options = Options.of(args.drop(1))
        Processes("workers").use { processes ->
            require(processes.has("cc", "--version")) { "the load is a program in C: install a C compiler, cc" }
            val load = Load(Path.of(args[0]), processes, if (options.quick) 0.5 else 1.0)
            for (part in options.chosen(listOf("burn", "echo-apart", "echo-together", "accept"))) {
                when (part) {
                    "burn" -> BurnPart(load, options).run()
                    "echo-apart" -> EchoPart(load, options, isApart = true).run()
                    "echo-together" -> EchoPart(load, options, isApart = false).run()
                    "accept" -> AcceptPart(load, options).run()
                }
            }
        }
    }
}

/** How many loops a server has, and how they share its address. */
internal class Shape(
    val name: String,
    val how: String,
    val loops: Int,
) {
    override fun toString() = name

    companion object {
        val LOOP = Shape("a loop", "reuseport", 1)
        val WORKER = Shape("1 worker", "deal", 1)
        val WORKERS = Shape("2 workers", "deal", 2)
        val LOOPS = Shape("2 loops", "reuseport", 2)
        val SELECTORS = Shape("2 loops, one listener", "selectors", 2)
    }
}

/** Servers, and the programs that load them. */
internal class Load(
    sources: Path,
    private val processes: Processes,
    private val pace: Double,
) {
    private val echoLoad = compile(sources.resolve("echo/echoload.c"))
    private val connLoad = compile(sources.resolve("workers/connload.c"))

    private fun compile(source: Path): String {
        val program = processes.scratch.resolve("${source.fileName}".removeSuffix(".c")).toString()
        check(processes.has("cc", "-O2", "-o", program, source.toAbsolutePath().toString())) { "cc did not compile $source" }
        return program
    }

    /** Starts a server of that [shape], and does [block] with it. */
    fun <T> serving(
        shape: Shape,
        service: String,
        block: (Serving) -> T,
    ): T {
        val port = processes.freePort()
        val command = processes.jvm("dev.simul.benchmarks.workers.WorkersServerKt", shape.how, "${shape.loops}", "$port", service)
        return processes.serve("$shape", port, command).use { block(Serving(port, it)) }
    }

    /** A server that listens at [port]. */
    inner class Serving(
        private val port: Int,
        private val server: Processes.RunningServer,
    ) {
        private var isApart = false

        /** From now on, the server has the first processor, and its load the second. What was compiled before had both. */
        fun setApart() {
            check(processes.has("taskset", "-a", "-c", "-p", "0", "${server.pid}")) { "taskset did not move the server" }
            isApart = true
        }

        /** The messages a second of [connections] connections that each have one under way, and the server's time for each, in ns. */
        fun echo(
            connections: Int,
            seconds: Int,
        ): Pair<Long, Long> {
            val before = server.processorNanos
            val (rate, total) = numbers(echoLoad, "$port", "$connections", "64", "${seconds * pace}", "total")
            return rate to (server.processorNanos - before) / total
        }

        /** The connections a second, [atOnce] at a time, and how many each worker had; in 0 seconds, as many as [atOnce] that stay. */
        fun connect(
            atOnce: Int,
            seconds: Int,
        ): List<Long> = numbers(connLoad, "$port", "$atOnce", "${seconds * pace}")

        private fun numbers(vararg command: String): List<Long> {
            val where = command.asList().let { if (isApart) processes.onProcessors("1", it) else it }
            return checkNotNull(processes.output(where)) { "${command.joinToString(" ")} printed nothing" }.split(" ").map { it.toLong() }
        }
    }
}
