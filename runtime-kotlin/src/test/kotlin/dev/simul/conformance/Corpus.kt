// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive
import java.util.zip.GZIPInputStream

/** The files of programs whose traces CPython recorded, and how many programs each has. */
enum class Corpus(
    val size: Int,
) {
    CORE(3_000),
    SCOPES(1_000),
    STREAMS(2_000),
    ;

    /** The programs, with their traces. */
    fun programs(): List<JsonObject> {
        val file = checkNotNull(Corpus::class.java.getResource("/conformance/${name.lowercase()}.jsonl.gz"))
        return GZIPInputStream(file.openStream()).bufferedReader().useLines { lines -> lines.map(::parse).toList() }
    }
}

/** The trace that a program of a corpus was recorded with. */
fun recordedTrace(program: JsonObject): List<String> = program.getValue("trace").jsonArray.map { it.jsonPrimitive.content }
