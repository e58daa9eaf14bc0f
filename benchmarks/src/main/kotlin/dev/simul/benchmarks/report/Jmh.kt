// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.deleteIfExists
import kotlin.io.path.exists
import kotlin.io.path.readText

/** Runs benchmarks by JMH, and keeps what it writes under `benchmarks/target/report`. */
internal class Jmh(
    private val bench: Bench,
) {
    private val raw = bench.tools.sources.resolve("target/report").createDirectories()

    /** The nanoseconds of the benchmarks that match [regex]; [programOf] says whose a class's are. */
    fun run(
        jdk: Jdk,
        file: String,
        regex: String,
        options: List<String> = emptyList(),
        vararg environment: Pair<String, String>,
        programOf: (String) -> String,
    ): List<Figure> =
        bench
            .attempt("JMH, $file") {
                val result = raw.resolve("$file.json").also { it.deleteIfExists() }
                val output = bench.processes.run(command(jdk, regex, options, result), *environment, mostSeconds = MOST_SECONDS)
                // JMH makes the file when it starts, and fills it when it ends.
                val text = if (result.exists()) result.readText() else ""
                val figures = if (text.isEmpty()) emptyList() else read(text, programOf)
                when {
                    !output.succeeded -> bench.failed("JMH, $file", "it failed, after ${figures.size} benchmarks")
                    figures.isEmpty() -> bench.failed("JMH, $file", "it has measured nothing")
                    else -> bench.worked("JMH, $file")
                }
                figures
            }.orEmpty()

    private fun command(
        jdk: Jdk,
        regex: String,
        options: List<String>,
        result: Path,
    ): List<String> {
        val settings = bench.settings
        val time = "${settings.jmhMillis}ms"
        val iterations = "${settings.jmhIterations}"
        return bench.processes.jvm("org.openjdk.jmh.Main", java = jdk.java).filterNot { it.startsWith("-X") } +
            listOf(regex, "-f", "1", "-wi", iterations, "-i", iterations, "-w", time, "-r", time, "-rf", "json", "-rff", "$result") +
            if (options.isEmpty()) emptyList() else listOf("-jvmArgsPrepend", options.joinToString(" "))
    }

    companion object {
        private const val MOST_SECONDS = 3_600

        fun read(
            text: String,
            programOf: (String) -> String,
        ): List<Figure> =
            Json.parseToJsonElement(text).jsonArray.map { it.jsonObject }.map {
                val name = it.getValue("benchmark").jsonPrimitive.content
                val metric = it.getValue("primaryMetric").jsonObject
                val score = metric.getValue("score").jsonPrimitive.double
                Figure(name.substringAfterLast('.'), programOf(name.substringBeforeLast('.').substringAfterLast('.')), score)
            }
    }
}
