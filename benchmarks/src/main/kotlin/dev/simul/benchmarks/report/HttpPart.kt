// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.doubleOrNull
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** HTTP clients and servers: the cells of `./simul bench http` that most programs are like. */
internal object HttpPart : Part {
    override val name = "http"
    override val uses = setOf(Tool.GO, Tool.AIOHTTP, Tool.UVLOOP, Tool.NGINX, Tool.WRK)

    override fun measure(bench: Bench): List<Figure> {
        val settings = bench.settings
        val command =
            bench.processes.jvm(
                "dev.simul.benchmarks.http.HttpBench",
                bench.tools.sources.resolve("http").toString(),
                *arrayOf("--json", "--only", "^64 connections, 1 KiB, T.., 1 processor$", "--rounds", "${settings.rounds}"),
                *arrayOf("--warm-up", "${settings.httpWarmUp}", "--seconds", "${settings.httpSeconds}"),
            )
        val output = bench.processes.run(command, mostSeconds = MOST_SECONDS)
        if (!output.succeeded) bench.failed("http", "a program failed, and the rest was not measured")
        return output.lines.filter { it.startsWith("{") }.flatMap(::figuresOf).distinct()
    }

    /** A row of `bench http` compares Simul with a peer: `Client by hand, 64 connections, 1 KiB, TLS, 1 processor`. */
    fun figuresOf(line: String): List<Figure> {
        val json = Json.parseToJsonElement(line).jsonObject
        val row = json.getValue("row").jsonPrimitive.content
        val side = if ("lient" in row.substringBefore(',')) "client" else "server"
        val simul =
            when (row.substringBefore(' ')) {
                "Ktor" -> "simul-ktor"
                "JDK" -> "simul-jdk"
                else -> "simul"
            }
        val percentile = Regex("p\\d+(\\.\\d+)?").find(row)?.value
        val what = percentile ?: if (", TLS" in row) "TLS" else "TCP"
        return listOf(simul to "simul", json.getValue("peer").jsonPrimitive.content to "other").mapNotNull { (program, key) ->
            json.getValue(key).jsonPrimitive.doubleOrNull?.let { Figure("$side/$what", program, it) }
        }
    }

    private const val MOST_SECONDS = 3_600
}
