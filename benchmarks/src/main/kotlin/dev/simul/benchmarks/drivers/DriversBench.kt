// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.drivers

import dev.simul.benchmarks.peers.Options
import dev.simul.benchmarks.peers.Processes
import dev.simul.benchmarks.peers.Report
import dev.simul.benchmarks.peers.median
import dev.simul.bodies.Carrier
import java.nio.file.Path

/** What a row is about. */
internal enum class Driver(
    val title: String,
) {
    REDIS("Redis by Lettuce"),
    POSTGRESQL("PostgreSQL by Vert.x"),
    ECHO("Netty's echo"),
}

/**
 * Drivers whose channels are on the loop, beside the same ones on threads of Netty's: answers a second, the p50 and p99 of their times, and
 * the client's processor time for each. Where the server's processor is busy all the time, only the last tells what the loop saves.
 *
 * The client has a processor of its own, and the server the second one; for the echo, it is the server that is measured. In each round every
 * program is measured once; the medians of the rounds count. Rows whose server is not installed are left out, by name. It measures the JDK
 * that it runs on, which JAVA_HOME chooses.
 *
 * Arguments: the folder of the peers' sources; `--quick` for tasks in Kotlin alone; `--json` for one object a row; `--rounds N`, one unless
 * set; `--only REGEX` for those of the cells whose names it matches. Everything, once, takes ten minutes.
 */
internal object DriversBench {
    @JvmStatic
    fun main(args: Array<String>) {
        val options = Options.of(args.drop(1))
        Processes("drivers").use { processes ->
            val servers = Servers(Path.of(args[0]), processes)
            for ((driver, program) in servers.missing) System.err.println("${driver.title}: left out, there is no $program")
            val cells = cells(options.quick).filterNot { it.driver in servers.missing }
            val report = Report(options.json)
            for (cell in options.chosen(cells)) measure(cell, Programs(processes, servers, options), options, report)
        }
    }

    /** What is measured: with which driver, how many questions under way at once, and who asks them. */
    class Cell(
        val driver: Driver,
        val underWay: Int,
        val consolidatesFlushes: Boolean = false,
        /** Null for tasks in Kotlin. */
        val carrier: Carrier? = null,
    ) {
        override fun toString() =
            if (driver == Driver.ECHO) {
                "${driver.title}, 1 KiB, $underWay connections, $jdk"
            } else {
                "${driver.title}, $underWay under way${if (consolidatesFlushes) " with flush consolidation" else ""}, $callers, $jdk"
            }

        private val callers get() = carrier?.let { "Java bodies, ${it.name.lowercase()}" } ?: "Kotlin tasks"
    }

    private val jdk = "JDK ${Runtime.version().feature()}"

    private fun cells(quick: Boolean): List<Cell> {
        val callers = if (quick) listOf(null) else listOf(null) + Carrier.available()
        val redis =
            callers.flatMap {
                listOf(Cell(Driver.REDIS, 1, false, it), Cell(Driver.REDIS, 64, false, it), Cell(Driver.REDIS, 64, true, it))
            }
        val postgres = callers.flatMap { listOf(Cell(Driver.POSTGRESQL, 1, false, it), Cell(Driver.POSTGRESQL, 64, false, it)) }
        return redis + postgres + Cell(Driver.ECHO, 64)
    }

    private fun measure(
        cell: Cell,
        programs: Programs,
        options: Options,
        report: Report,
    ) {
        val found = options.inRounds(listOf(NETTY, LOOP)) { programs.measure(cell, it) }

        fun add(
            row: String,
            value: (Figures) -> Long?,
        ) = report.add(row, found.mapValues { (_, figures) -> figures.mapNotNull(value).median() }, LOOP, listOf(NETTY))
        add("$cell", Figures::rate)
        add("$cell, p50 in µs", Figures::p50)
        add("$cell, p99 in µs", Figures::p99)
        if (cell.driver != Driver.ECHO) add("$cell, processor time in ns", Figures::cpuNanos)
    }

    const val NETTY = "netty"
    const val LOOP = "loop"
}

/**
 * What a program has printed: answers a second, the p50 and p99 of their times in microseconds, and, if it knows that, the nanoseconds of its
 * processor's time for each.
 */
internal class Figures(
    val rate: Long,
    val p50: Long,
    val p99: Long,
    val cpuNanos: Long?,
) {
    companion object {
        fun of(printed: String): Figures? {
            val numbers = printed.split(' ').mapNotNull { it.toLongOrNull() }
            return if (numbers.size < 3) null else Figures(numbers[0], numbers[1], numbers[2], numbers.getOrNull(3))
        }
    }
}

/** Runs what is measured. */
private class Programs(
    private val processes: Processes,
    private val servers: Servers,
    private val options: Options,
) {
    fun measure(
        cell: DriversBench.Cell,
        channels: String,
    ): Figures? =
        when (cell.driver) {
            Driver.REDIS -> ask(cell, if (cell.consolidatesFlushes) "redis-consolidated" else "redis", servers.redisPort, channels)
            Driver.POSTGRESQL -> ask(cell, "postgresql", servers.postgresPort, channels)
            Driver.ECHO -> echo(cell, channels)
        }?.let(Figures::of)

    private fun ask(
        cell: DriversBench.Cell,
        driver: String,
        port: Int,
        channels: String,
    ): String? {
        val callers = if (cell.carrier == null) "tasks" else "bodies"
        val times = arrayOf("${options.warmUp}", "${options.seconds}")
        val carrier = listOfNotNull(cell.carrier?.let { "-Dsimul.carrier=${it.name.lowercase()}" })
        val command =
            processes.jvm(
                "$PACKAGE.drivers.ClientKt",
                driver,
                channels,
                callers,
                "${cell.underWay}",
                "$port",
                "postgres",
                *times,
                options = carrier,
            )
        return processes.output(processes.onProcessors("0", command))
    }

    private fun echo(
        cell: DriversBench.Cell,
        channels: String,
    ): String? {
        val port = processes.freePort()
        val kind = if (channels == DriversBench.LOOP) "netty-on-loop" else "netty"
        val server = processes.jvm("$PACKAGE.EchoServerKt", kind, "$port")
        return processes.serve(kind, port, processes.onProcessors("0", server)).use {
            val load = listOf(servers.echoLoad, "$port", "${cell.underWay}", "1024")
            repeat(ECHO_WARM_UPS) { processes.output(processes.onProcessors("1", load + "$ECHO_WARM_UP")) }
            processes.output(processes.onProcessors("1", load + "${options.seconds}" + "latencies"))
        }
    }

    private companion object {
        const val PACKAGE = "dev.simul.benchmarks"

        /** The compilers have to share the server's processor with it; what accepts and closes connections has to be compiled, too. */
        const val ECHO_WARM_UPS = 5

        /** In seconds, of each. */
        const val ECHO_WARM_UP = 5
    }
}
