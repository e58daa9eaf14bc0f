// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.http.Certificate

/** How each echo server is started: on one thread, over TLS if there is a [certificate]. */
internal class EchoServers(
    private val bench: Bench,
    private val certificate: Certificate?,
) {
    private val files = certificate?.let { arrayOf(it.chain, it.key) }.orEmpty()
    private val tools = bench.tools

    /** By the servers' names, of those that are installed: the command that serves at a port. */
    fun commands(): Map<String, (Int) -> List<String>> =
        buildMap {
            for (kind in if (certificate == null) PLAIN else TLS) put(kind) { jvm(kind, it, tools.jdk) }
            if (bench.settings.quick) return@buildMap
            val virtual = tools.virtualJdk
            if (certificate == null && virtual != null) put("virtual") { jvm("virtual", it, virtual) }
            peers()
        }

    private fun MutableMap<String, (Int) -> List<String>>.peers() {
        val script = tools.sources.resolve("echo/echo.py").toString()
        for (loop in tools.pythonLoops.reversed()) {
            for (kind in listOf("protocol", "streams")) put("$loop-$kind") { listOf(tools.python!!, script, loop, kind, "$it", *files) }
        }
        if (tools.hasNode) put("node") { listOf("node", tools.sources.resolve("echo/echo.mjs").toString(), "$it", *files) }
        tools.goEcho?.let { program -> put("go") { listOf(program.toString(), "$it", *files) } }
        val tokio = tools.tokio
        if (tokio != null && certificate == null) put("tokio") { listOf(tokio.toString(), "echo", "$it") }
    }

    private fun jvm(
        kind: String,
        port: Int,
        jdk: Jdk,
    ): List<String> {
        val options = if (kind == "virtual") OneCarrier.OPTIONS else emptyList()
        return bench.processes.jvm("dev.simul.benchmarks.EchoServerKt", kind, "$port", *files, options = options, java = jdk.java) -
            // As a server is run that nobody has tuned.
            setOf("-XX:+UseSerialGC", "-Xmx1g")
    }

    private companion object {
        val TLS = listOf("protocol", "protocol-bytes", "streams", "streams-bytes", "netty")
        val PLAIN = listOf("bare") + TLS + listOf("netty-on-loop", "ktor-network")
    }
}
