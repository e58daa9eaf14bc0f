// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import kotlinx.serialization.SerializationException
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import java.io.BufferedReader
import kotlin.system.exitProcess

/** Reads programs from the standard input, a JSON object a line, and writes each one with the trace that it leaves. */
fun main() {
    val output = System.out.buffered().writer()
    val status = trace(System.`in`.bufferedReader(), output, System.err)
    output.flush()
    exitProcess(status)
}

/** Does the work of `main` and gives the exit status: 0, or 2 if a line is no program. */
@JvmOverloads
fun trace(
    input: BufferedReader,
    output: Appendable,
    errors: Appendable,
    run: (Program) -> List<String> = { Machine(it).run() },
): Int {
    for ((index, line) in input.lineSequence().withIndex()) {
        if (line.isBlank()) continue
        try {
            val json = parse(line)
            val trace = run(readProgram(json))
            output.append(write(JsonObject(json + ("trace" to JsonArray(trace.map(::JsonPrimitive)))))).append('\n')
        } catch (malformed: MalformedProgram) {
            val problem = "line ${index + 1} is no conformance program: ${malformed.message}"
            errors.append("$problem; give one program a line, as generate.py writes them\n")
            return MALFORMED
        }
    }
    return 0
}

/** The JSON object that a line holds. */
internal fun parse(line: String): JsonObject =
    try {
        Json.parseToJsonElement(line) as? JsonObject ?: throw MalformedProgram("it is not a JSON object")
    } catch (exception: SerializationException) {
        throw MalformedProgram("it is not JSON (${exception.message.orEmpty().lineSequence().first()})")
    }

/** Compact JSON in ASCII, as the oracle writes it. */
private fun write(json: JsonObject): String =
    json.toString().let { text ->
        if (text.all { it in ' '..'~' }) {
            text
        } else {
            text.asSequence().joinToString("") { if (it in ' '..'~') it.toString() else "\\u%04x".format(it.code) }
        }
    }

private const val MALFORMED = 2
