// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.buildJsonObject
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import kotlinx.serialization.json.put
import kotlin.math.round

/** One measured value, in the unit of its part: of the work [row], by [program], such as `simul@17` for Simul on JDK 17. */
internal data class Figure(
    val row: String,
    val program: String,
    val value: Double,
) {
    fun toJson(): JsonObject =
        buildJsonObject {
            put("row", row)
            put("program", program)
            // More digits would only make each new run differ in all of them.
            put("value", round(value * PRECISION) / PRECISION)
        }

    companion object {
        private const val PRECISION = 1_000

        fun of(json: JsonObject): Figure =
            Figure(
                json.getValue("row").jsonPrimitive.content,
                json.getValue("program").jsonPrimitive.content,
                json.getValue("value").jsonPrimitive.double,
            )

        /** Of a line that a program of the benchmarks has printed: an object, or a name and a value; null for any other line. */
        fun ofLine(
            line: String,
            program: String,
        ): Figure? {
            if (line.startsWith("{")) return of(Json.parseToJsonElement(line).jsonObject)
            val (row, value) = line.split(' ').takeIf { it.size == 2 } ?: return null
            return value.toDoubleOrNull()?.let { Figure(row, program, it) }
        }
    }
}
