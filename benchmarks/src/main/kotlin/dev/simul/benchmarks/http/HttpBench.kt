// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import java.nio.file.Path

/**
 * HTTP clients and servers beside their peers: requests a second, and the latency at a fixed rate.
 *
 * One side has a processor of its own, and the other the second one. In each round every program is measured once, so that what slows the
 * machine down slows all of them; the median of the rounds counts. Peers that are not installed are left out.
 *
 * Arguments: the folder of the peers' sources; `--quick` for one body, 64 connections and no TLS; `--json` for one object a row;
 * `--rounds N`. CLIENTS and SERVERS (names, separated by spaces) can be set in the environment.
 */
internal object HttpBench {
    @JvmStatic
    fun main(args: Array<String>) {
        val options = Options.of(args.drop(1))
        Peers(Path.of(args[0])).use { peers ->
            val report = Report(options.json)
            for (cell in options.cells) {
                clients(peers, cell, options, report)
                servers(peers, cell, options, report)
            }
            latencies(peers, options, report)
        }
    }

    /** What is measured: with which bodies, how many connections, over TLS or not, and the client on one processor or on two. */
    class Cell(
        val bytes: Int,
        val connections: Int,
        val tls: Boolean,
        val processors: Int,
    ) {
        override fun toString() =
            "$connections connection${if (connections == 1) "" else "s"}, $size, ${if (tls) "TLS" else "TCP"}, " +
                "$processors processor${if (processors == 1) "" else "s"}"

        private val size get() =
            if (bytes >= MEGABYTE) {
                "${bytes / MEGABYTE} MiB"
            } else if (bytes >= KILOBYTE) {
                "${bytes / KILOBYTE} KiB"
            } else {
                "$bytes B"
            }
    }

    private class Options(
        val cells: List<Cell>,
        val rounds: Int,
        val seconds: Int,
        val warmUp: Int,
        val json: Boolean,
    ) {
        companion object {
            fun of(args: List<String>): Options {
                val unknown =
                    args.filterIndexed {
                        i,
                        it,
                        ->
                        it !in setOf("--quick", "--json", "--rounds") && args.getOrNull(i - 1) != "--rounds"
                    }
                require(unknown.isEmpty()) { "'${unknown.first()}' is not an option: there are --quick, --json and --rounds N" }
                val quick = "--quick" in args
                val rounds = args.getOrNull(args.indexOf("--rounds") + 1)?.takeIf { "--rounds" in args }?.toInt() ?: if (quick) 1 else 3
                val one = listOf(Cell(KILOBYTE, 64, false, 1), Cell(KILOBYTE, 64, false, 2))
                val others =
                    listOf(false, true).flatMap { tls ->
                        listOf(1, 64, 1_000).flatMap { connections ->
                            listOf(0, KILOBYTE, MEGABYTE).map { Cell(it, connections, tls, 1) }
                        }
                    }
                val cells = if (quick) one else one + others.filterNot { it.bytes == KILOBYTE && it.connections == 64 && !it.tls }
                return Options(cells, rounds, seconds = 3, warmUp = if (quick) 8 else 10, "--json" in args)
            }
        }
    }

    private fun clients(
        peers: Peers,
        cell: Cell,
        options: Options,
        report: Report,
    ) {
        val port = peers.freePort()
        peers.serve(peers.fastestServer, port, cell).use {
            val url = "${if (cell.tls) "https" else "http"}://127.0.0.1:$port/${cell.bytes}"
            val rates = rates(peers.clients, options) { peers.askBy(it, url, cell, options.warmUp, options.seconds) }
            report.add("Client by hand, $cell", rates, "simul", listOf("go", "aiohttp", "aiohttp-uvloop"))
            report.add("Ktor client, $cell", rates, "simul-ktor", listOf("ktor-cio", "ktor-okhttp", "go"))
            report.add("JDK client, $cell", rates, "simul-jdk", listOf("jdk", "go"))
        }
    }

    private fun servers(
        peers: Peers,
        cell: Cell,
        options: Options,
        report: Report,
    ) {
        if (cell.processors > 1) return
        val rates =
            rates(peers.servers, options) {
                val port = peers.freePort()
                peers.serve(it, port, cell, processor = 0).use { peers.load(port, cell, options.warmUp, options.seconds) }
            }
        report.add("Server by hand, $cell", rates, "simul", listOf("go", "nginx"))
        report.add("Ktor server, $cell", rates, "simul-ktor", listOf("ktor-cio", "go"))
    }

    private fun rates(
        programs: List<String>,
        options: Options,
        measure: (String) -> Long?,
    ): Map<String, Long> {
        val all = programs.associateWith { ArrayList<Long>() }
        repeat(options.rounds) { for ((program, rates) in all) measure(program)?.let(rates::add) }
        return all.filterValues { it.isNotEmpty() }.mapValues { (_, rates) -> rates.sorted()[rates.size / 2] }
    }

    private fun latencies(
        peers: Peers,
        options: Options,
        report: Report,
    ) {
        val cell = Cell(KILOBYTE, 64, false, 1)
        val found =
            peers.servers.associateWith {
                val port = peers.freePort()
                peers.serve(it, port, cell, processor = 0).use { peers.latencies(port, cell, RATE, options.warmUp, options.seconds) }
            }
        for ((index, percentile) in listOf("p50", "p99", "p99.9").withIndex()) {
            val times = found.mapNotNull { (name, all) -> all?.let { name to it[index] } }.toMap()
            report.add("Server by hand, $percentile in µs at $RATE requests a second", times, "simul", listOf("go", "nginx"))
            report.add("Ktor server, $percentile in µs at $RATE requests a second", times, "simul-ktor", listOf("ktor-cio", "go"))
        }
    }

    const val KILOBYTE = 1024
    const val MEGABYTE = 1024 * 1024

    /** Requests a second: below what the slowest server can do. */
    private const val RATE = 3_000
}
