package dev.simul.conformance

import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonPrimitive
import java.util.zip.GZIPInputStream

/** The programs whose traces CPython recorded. */
fun corpus(): List<JsonObject> {
    val file = checkNotNull(Program::class.java.getResource("/conformance/corpus.jsonl.gz"))
    return GZIPInputStream(file.openStream()).bufferedReader().useLines { lines -> lines.map(::parse).toList() }
}

/** The trace that a program of the corpus was recorded with. */
fun recordedTrace(program: JsonObject): List<String> = program.getValue("trace").jsonArray.map { it.jsonPrimitive.content }
