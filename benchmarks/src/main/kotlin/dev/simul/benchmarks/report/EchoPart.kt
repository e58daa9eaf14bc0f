// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.http.Certificate
import java.nio.file.Path

/** Echo servers: messages a second. The server has the first processor, the load the second one. */
internal object EchoPart : Part {
    override val name = "echo"
    override val uses = Tool.PEERS + Tool.VIRTUAL_THREADS

    override fun measure(bench: Bench): List<Figure> {
        val load = EchoLoad(bench, tls = false)
        if (bench.settings.quick) return load.measure(listOf(10), listOf(1 shl 10, 10 shl 10))
        return load.measure(listOf(10, 1_000), SIZES)
    }

    val SIZES = listOf(1 shl 10, 10 shl 10, 100 shl 10)
}

/** The same over TLS. */
internal object TlsPart : Part {
    override val name = "tls"
    override val uses = Tool.PEERS - Tool.TOKIO

    override fun measure(bench: Bench): List<Figure> = EchoLoad(bench, tls = true).measure(listOf(10), EchoPart.SIZES)
}

/** The load of `echo/echoload.c` on all servers that are installed, in turn. */
internal class EchoLoad(
    private val bench: Bench,
    private val tls: Boolean,
) {
    private val scratch: Path = bench.processes.scratch
    private val certificate by lazy { Certificate(scratch, bench.processes.java) }
    private val program = scratch.resolve(if (tls) "echoload-tls" else "echoload").toString()

    init {
        val source = bench.tools.sources.resolve("echo/echoload.c").toString()
        val options = if (tls) listOf("-DTLS", source, "-lssl", "-lcrypto") else listOf(source)
        check(bench.processes.has(*(listOf("cc", "-O2", "-o", program) + options).toTypedArray())) {
            "the load did not compile: install gcc${if (tls) " and libssl-dev" else ""}"
        }
    }

    /** All servers run from the beginning; they are idle but for the one that is measured. A row is `CONNECTIONS/BYTES`. */
    fun measure(
        connections: List<Int>,
        sizes: List<Int>,
    ): List<Figure> {
        val running = ArrayList<Running>()
        try {
            for ((name, command) in EchoServers(bench, if (tls) certificate else null).commands()) {
                bench.attempt("echo server $name") { start(name, command) }?.let(running::add)
            }
            for (server in running) rate(server, connections.first(), sizes.first(), bench.settings.echoWarmUp * WARM_UPS)
            return connections.flatMap { count -> sizes.flatMap { size -> measure(running, count, size) } }
        } finally {
            running.forEach { it.server.close() }
        }
    }

    private class Running(
        val name: String,
        val port: Int,
        val server: AutoCloseable,
    )

    private fun start(
        name: String,
        command: (Int) -> List<String>,
    ): Running {
        val port = bench.processes.freePort()
        val pinned = bench.processes.onProcessors("0", command(port))
        return Running(name, port, bench.processes.serve(name, port, pinned, "GOMAXPROCS" to "1"))
    }

    private fun measure(
        servers: List<Running>,
        connections: Int,
        size: Int,
    ): List<Figure> {
        val longer = if (tls || connections >= MANY) 1 else 0
        for (server in servers) rate(server, connections, size, bench.settings.echoWarmUp + longer)
        return bench.inRounds(lowerIsBetter = false) {
            servers.mapNotNull { server ->
                val rate = rate(server, connections, size, bench.settings.echoSeconds + longer)
                val what = "${server.name}, $connections connections of $size bytes"
                if (rate == null) bench.failed(what, "its server or its load failed") else bench.worked(what)
                rate?.let { Figure("$connections/$size", server.name, it) }
            }
        }
    }

    private fun rate(
        server: Running,
        connections: Int,
        size: Int,
        seconds: Int,
    ): Double? {
        val command = listOf(program, "${server.port}", "$connections", "$size", "$seconds")
        val output = bench.processes.run(bench.processes.onProcessors("1", command), mostSeconds = seconds + MOST_TO_CONNECT)
        return output.lines.lastOrNull()?.toDoubleOrNull()?.takeIf { output.succeeded && it > 0 }
    }

    private companion object {
        /** How much longer a server warms up before its first measurement. */
        const val WARM_UPS = 4

        /** So many connections take a while until all of them are there and have their buffers; so do handshakes. */
        const val MANY = 1_000
        const val MOST_TO_CONNECT = 20
    }
}
