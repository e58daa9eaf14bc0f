// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.http.Certificate
import java.nio.file.Path

/** Echo servers: messages a second. The server has the first processor, the load the second one. */
internal object EchoPart : Part {
    override val name = "echo"

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

    /** A server at a time, so that those that are idle take neither memory nor the processor; its row is `CONNECTIONS/BYTES`. */
    fun measure(
        connections: List<Int>,
        sizes: List<Int>,
    ): List<Figure> =
        bench.inRounds(lowerIsBetter = false) {
            EchoServers(bench, if (tls) certificate else null).commands().flatMap { (name, command) ->
                bench.attempt("echo server $name") { of(name, command, connections, sizes) }.orEmpty()
            }
        }

    private fun of(
        name: String,
        command: (Int) -> List<String>,
        connections: List<Int>,
        sizes: List<Int>,
    ): List<Figure> {
        val port = bench.processes.freePort()
        val processes = bench.processes
        return processes.serve(name, port, processes.onProcessors("0", command(port)), "GOMAXPROCS" to "1").use {
            repeat(WARM_UPS) { rate(port, connections.first(), sizes.first(), bench.settings.echoWarmUp) }
            connections.flatMap { count ->
                sizes.mapNotNull { size ->
                    rate(port, count, size, bench.settings.echoWarmUp)
                    val rate = rate(port, count, size, bench.settings.echoSeconds)
                    if (rate == null) bench.failed += "$name: $count connections, $size bytes"
                    rate?.let { Figure("$count/$size", name, it) }
                }
            }
        }
    }

    private fun rate(
        port: Int,
        connections: Int,
        size: Int,
        seconds: Int,
    ): Double? {
        val command = listOf(program, "$port", "$connections", "$size", "$seconds")
        val output = bench.processes.run(bench.processes.onProcessors("1", command), mostSeconds = seconds + MOST_TO_CONNECT)
        return output.lines.lastOrNull()?.toDoubleOrNull()?.takeIf { output.succeeded && it > 0 }
    }

    private companion object {
        const val WARM_UPS = 2
        const val MOST_TO_CONNECT = 20
    }
}
