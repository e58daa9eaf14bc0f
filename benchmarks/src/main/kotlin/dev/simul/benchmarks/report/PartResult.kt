// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.add
import kotlinx.serialization.json.buildJsonArray
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.moveTo
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readText
import kotlin.io.path.writeText

/** What one part of the report has measured, and where: a file of its own under `docs/performance/results`. */
internal data class PartResult(
    val part: String,
    val date: String,
    val command: String,
    val machine: String,
    /** What took part, and in which version. */
    val versions: Map<String, String>,
    /** What is not installed. */
    val missing: List<String>,
    /** What could not be measured, with the reason in a few words. */
    val failed: List<String>,
    val figures: List<Figure>,
) {
    private val values = figures.associate { (it.row to it.program) to it.value }

    /** The feature versions of the JDKs whose figures are there: `simul@17` is one of JDK 17. */
    val jdks: List<Int> get() = figures.mapNotNull { it.program.substringAfter('@', "").toIntOrNull() }.distinct().sorted()

    operator fun get(
        row: String,
        program: String,
    ): Double? = values[row to program]

    fun write(folder: Path) {
        val unfinished = folder.createDirectories().resolve("$part.unfinished")
        unfinished.writeText(toJson() + "\n")
        unfinished.moveTo(folder.resolve("$part.json"), overwrite = true)
    }

    /** A figure a line, so that two runs can be compared by `diff`. */
    fun toJson(): String {
        val head =
            buildJsonObject {
                put("part", part)
                put("date", date)
                put("command", command)
                put("machine", machine)
                put("versions", buildJsonObject { versions.forEach { (name, version) -> put(name, version) } })
                put("missing", buildJsonArray { missing.forEach { add(it) } })
                put("failed", buildJsonArray { failed.forEach { add(it) } })
            }
        val lines = head.map { (key, value) -> "  ${JsonPrimitive(key)}: $value,\n" }
        return "{\n${lines.joinToString("")}  \"figures\": [\n${figures.joinToString(",\n") { "    ${it.toJson()}" }}\n  ]\n}"
    }

    companion object {
        fun of(text: String): PartResult {
            val json = Json.parseToJsonElement(text).jsonObject

            fun string(key: String) = json.getValue(key).jsonPrimitive.content

            fun strings(key: String) = json.getValue(key).jsonArray.map { it.jsonPrimitive.content }
            return PartResult(
                string("part"),
                string("date"),
                string("command"),
                string("machine"),
                json.getValue("versions").jsonObject.mapValues { (_, version) -> version.jsonPrimitive.content },
                strings("missing"),
                strings("failed"),
                json.getValue("figures").jsonArray.map { Figure.of(it.jsonObject) },
            )
        }

        /** All results in [folder], by their parts. */
        fun readAll(folder: Path): Map<String, PartResult> =
            if (folder.exists()) {
                folder
                    .listDirectoryEntries(
                        "*.json",
                    ).associate { it.nameWithoutExtension to of(it.readText()) }
            } else {
                emptyMap()
            }
    }
}
