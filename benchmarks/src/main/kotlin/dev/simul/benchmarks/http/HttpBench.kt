// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import dev.simul.benchmarks.peers.Options
import dev.simul.benchmarks.peers.Report
import dev.simul.benchmarks.peers.median
import java.nio.file.Path

/**
 * HTTP clients and servers beside their peers: requests a second, and the latency at a fixed rate.
 *
 * One side has a processor of its own, and the other the second one. In each round every program is measured once, so that what slows the
 * machine down slows all of them; the median of the rounds counts. Peers that are not installed are left out.
 *
 * Arguments: the folder of the peers' sources; `--quick` for one body, 64 connections and no TLS; `--json` for one object a row;
 * `--rounds N`, one unless set; `--only REGEX` for those of the cells whose names it matches, such as `1000 connections.*TLS`. Everything,
 * once, takes an hour. CLIENTS and SERVERS (names, separated by spaces) can be set in the environment.
 */
internal object HttpBench {
    @JvmStatic
    fun main(args: Array<String>) {
        val options = Options.of(args.drop(1))
        Peers(Path.of(args[0])).use { peers ->
            val report = Report(options.json)
            for (cell in options.chosen(cells(options.quick))) {
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

    private fun cells(quick: Boolean): List<Cell> {
        val one = listOf(Cell(KILOBYTE, 64, false, 1), Cell(KILOBYTE, 64, false, 2))
        if (quick) return one
        val others =
            listOf(false, true).flatMap { tls ->
                listOf(1, 64, 1_000).flatMap { connections -> listOf(0, KILOBYTE, MEGABYTE).map { Cell(it, connections, tls, 1) } }
            }
        return one + others.filterNot { it.bytes == KILOBYTE && it.connections == 64 && !it.tls }
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
            // Ktor's CIO does not serve over TLS.
            rates(peers.servers.filterNot { cell.tls && it == "ktor-cio" }, options) {
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
    ): Map<String, Long> = options.inRounds(programs, measure).mapValues { (_, rates) -> rates.median() }

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
    private const val RATE = 2_000
}
