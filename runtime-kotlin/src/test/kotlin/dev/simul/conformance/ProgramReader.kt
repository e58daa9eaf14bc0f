// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive

/** Reads the program in a JSON object and checks every statement of it against the grammar. */
fun readProgram(json: JsonObject): Program = ProgramReader(json).read()

private class ProgramReader(
    private val json: JsonObject,
) {
    private val functionCount = field("funcs").size
    private val generatorCount = field("gens").size
    private val managerCount = (json["managers"] as? JsonArray).orEmpty().size
    private val objects = field("objs").map(::sharedObject)

    fun read(): Program {
        if (functionCount == 0) throw MalformedProgram("\"funcs\" is empty, and its first function is the main one")
        val strict = json["strict"]?.scalar() as? Boolean ?: throw MalformedProgram("\"strict\" is not true or false")
        val eager = json["eager"]?.let { it.scalar() as? Boolean ?: throw MalformedProgram("\"eager\" is not true or false") } ?: false
        val managers = if ("managers" in json) field("managers").map(::manager) else emptyList()
        return Program(strict, eager, objects, field("funcs").map { block(it) }, field("gens").map(::generator), managers)
    }

    private fun field(name: String): JsonArray =
        when (val value = json[name]) {
            is JsonArray -> value
            null -> throw MalformedProgram("there is no \"$name\"")
            else -> throw MalformedProgram("\"$name\" is not a list: ${value.brief()}")
        }

    private fun sharedObject(json: JsonElement): SharedObject {
        val parts = (json as? JsonArray).orEmpty()
        val kind = ObjectKind.entries.find { it.name == parts.firstOrNull()?.scalar() }
        val size = if (parts.size == 2) parts[1].wholeNumber() else kind?.size ?: 0
        if (kind == null || size == null || parts.size > 2 || (parts.size == 2 && size !in kind.sizes)) {
            throw MalformedProgram("no object is made by ${json.brief()}")
        }
        return SharedObject(kind, size)
    }

    private fun generator(json: JsonElement): GeneratorBody {
        if (json !is JsonObject) throw MalformedProgram("a generator is not an object: ${json.brief()}")
        val block = { name: String, yields: Boolean ->
            json[name]?.takeIf { it != JsonNull }?.let { block(it, yields) }
        }
        val body = block("body", true) ?: throw MalformedProgram("a generator has no \"body\": ${json.brief()}")
        return GeneratorBody(body, block("except", true), block("finally", false))
    }

    private fun manager(json: JsonElement): ManagerBody {
        val enter = (json as? JsonObject)?.get("enter") ?: throw MalformedProgram("a manager has no \"enter\": ${json.brief()}")
        val exit = json["exit"] ?: throw MalformedProgram("a manager has no \"exit\": ${json.brief()}")
        val suppress = json["suppress"]?.takeIf { it != JsonNull }
        return ManagerBody(
            block(enter),
            block(exit),
            suppress?.let { kind(it) ?: throw MalformedProgram("a manager cannot suppress ${it.brief()}") },
        )
    }

    private fun kind(json: JsonElement): ExceptionKind? = ExceptionKind.entries.find { it.name == json.scalar() }

    private fun block(
        json: JsonElement,
        yields: Boolean = false,
    ): List<Statement> {
        if (json !is JsonArray) throw MalformedProgram("not a list of statements: ${json.brief()}")
        return json.map { statement(it, yields) }
    }

    private fun statement(
        json: JsonElement,
        yields: Boolean,
    ): Statement {
        val parts = (json as? JsonArray).orEmpty()
        val operation =
            parts.firstOrNull()?.scalar() as? String
                ?: throw MalformedProgram("not a statement: ${json.brief()}")
        if (operation == "yield" && !yields) {
            throw MalformedProgram("a yield stands where no generator can yield: ${json.brief()}")
        }
        val expected =
            (if (operation == "yield") listOf(Argument.VALUE) else grammar[operation])
                ?: throw MalformedProgram("there is no operation \"$operation\": ${json.brief()}")
        val given = parts.drop(1)
        if (given.size != expected.size) {
            throw MalformedProgram("$operation has ${given.size} arguments but takes ${expected.size}: ${json.brief()}")
        }
        return Statement(operation, expected.zip(given) { kind, value -> argument(operation, kind, value) })
    }

    private fun argument(
        operation: String,
        kind: Argument,
        json: JsonElement,
    ): Any? {
        val none = json == JsonNull && kind in NULLABLE
        return if (none) {
            null
        } else {
            argument(kind, json)
                ?: throw MalformedProgram("$operation takes ${kind.description}, which ${json.brief()} is not")
        }
    }

    private fun argument(
        kind: Argument,
        json: JsonElement,
    ): Any? =
        when (kind) {
            Argument.VALUE -> json.scalar()
            Argument.TEXT -> json.ascii()
            Argument.TEXTS -> json.ascii() ?: (json as? JsonArray)?.mapWhole { it.ascii() }
            Argument.COUNT -> json.wholeNumber()
            Argument.FLAG, Argument.OPTIONAL_FLAG -> json.scalar() as? Boolean
            Argument.DELAY, Argument.DEADLINE -> (json.scalar() as? Number)?.toDouble()
            Argument.WHEN -> json.scalar().takeIf { it in listOf("ALL", "FIRST", "EXC") }
            Argument.SLOT, Argument.OPTIONAL_SLOT -> json.scalar()
            Argument.SLOTS -> (json as? JsonArray)?.mapWhole { it.scalar() }
            Argument.REFERENCE -> reference(json)
            Argument.REFERENCES -> (json as? JsonArray)?.mapWhole(::reference)
            Argument.FUNCTION -> json.wholeNumber()?.takeIf { it in 0..<functionCount }
            Argument.MANAGER -> json.wholeNumber()?.takeIf { it in 0..<managerCount }
            Argument.VARIABLE -> json.wholeNumber()?.takeIf { it in 0..<VARIABLES }
            Argument.GENERATOR -> json.wholeNumber()?.takeIf { it in 0..<generatorCount }
            Argument.BLOCK, Argument.OPTIONAL_BLOCK -> block(json)
            Argument.HANDLERS -> (json as? JsonArray)?.mapWhole(::handler)
            else -> json.wholeNumber()?.takeIf { objects.getOrNull(it)?.kind in kind.objects }
        }

    private fun reference(json: JsonElement): Reference? {
        if (json !is JsonArray) return json.scalar()?.let { Reference.Slot(it) }
        if (json.size != 2) return null
        return when (json[0].scalar()) {
            "f" -> argument(Argument.FUNCTION, json[1])?.let { Reference.Fresh(it as Int) }
            "o" -> argument(Argument.FUTURE, json[1])?.let { Reference.Shared(it as Int) }
            else -> null
        }
    }

    private fun handler(json: JsonElement): Handler? {
        val parts = (json as? JsonArray).orEmpty()
        if (parts.size != 3) return null
        val kind = kind(parts[0]) ?: return null
        return Handler(kind, block(parts[1]), parts[2].scalar() as? Boolean ?: return null)
    }
}

/** Maps every element, or gives null if one of them becomes null. */
private fun <T : Any> JsonArray.mapWhole(transform: (JsonElement) -> T?): List<T>? = map { transform(it) ?: return null }

/** The Boolean, Long, BigInteger, Double or String that this is; null for anything else. */
private fun JsonElement.scalar(): Any? =
    when {
        this !is JsonPrimitive || this == JsonNull -> null
        isString -> content
        else -> literal(content)
    }

private fun JsonElement.ascii(): String? = (scalar() as? String)?.takeIf { text -> text.all { it.code < ASCII_SIZE } }

private fun literal(text: String): Any? =
    text.toBooleanStrictOrNull()
        ?: text.toLongOrNull()
        ?: text.toBigIntegerOrNull()
        ?: text.toDoubleOrNull()?.takeIf { it.isFinite() }

private fun JsonElement.wholeNumber(): Int? = (scalar() as? Long)?.takeIf { it in Int.MIN_VALUE..Int.MAX_VALUE }?.toInt()

private fun JsonElement.brief(): String = toString().let { if (it.length <= LONGEST_QUOTE) it else it.take(LONGEST_QUOTE) + "…" }

private val NULLABLE =
    setOf(Argument.VALUE, Argument.DEADLINE, Argument.OPTIONAL_FLAG, Argument.OPTIONAL_SLOT, Argument.OPTIONAL_BLOCK)
private const val LONGEST_QUOTE = 80
private const val ASCII_SIZE = 128
