// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.streams.StreamReader.Companion.DEFAULT_LIMIT

/** A conformance program, checked and ready to run; README.md beside the corpus describes the language. */
class Program(
    val strict: Boolean,
    val eager: Boolean,
    val objects: List<SharedObject>,
    val functions: List<List<Statement>>,
    val generators: List<GeneratorBody>,
    val managers: List<ManagerBody>,
)

/** What one of a program's objects is made of: its class and the number that its constructor takes, if any. */
class SharedObject(
    val kind: ObjectKind,
    val size: Int,
)

/** The classes of objects, by Python's names; [size] is the default of the constructor's number. */
enum class ObjectKind(
    val size: Int?,
    val sizes: IntRange = IntRange.EMPTY,
) {
    Lock(null),
    Event(null),
    Condition(null),
    Semaphore(1, 0..Int.MAX_VALUE),
    BoundedSemaphore(1, 0..Int.MAX_VALUE),
    Barrier(1, 1..Int.MAX_VALUE),
    Queue(0, Int.MIN_VALUE..Int.MAX_VALUE),
    PriorityQueue(0, Int.MIN_VALUE..Int.MAX_VALUE),
    LifoQueue(0, Int.MIN_VALUE..Int.MAX_VALUE),
    Future(null),
    StreamReader(DEFAULT_LIMIT, 1..Int.MAX_VALUE),
}

/** The three blocks of an asynchronous generator; only the first two may `yield`, and only at their top level. */
class GeneratorBody(
    val body: List<Statement>,
    val except: List<Statement>?,
    val finally: List<Statement>?,
)

/** What an asynchronous context manager does, and which exceptions of its block end there. */
class ManagerBody(
    val enter: List<Statement>,
    val exit: List<Statement>,
    val suppress: ExceptionKind?,
)

/** One statement: what to do, and with what. The grammar has checked the type of each argument. */
class Statement(
    val operation: String,
    private val arguments: List<Any?>,
) {
    /** A slot, a handle slot, a generator slot, or any JSON scalar. */
    operator fun get(index: Int): Any? = arguments[index]

    fun number(index: Int): Int = arguments[index] as Int

    fun flag(index: Int): Boolean = arguments[index] as Boolean

    fun optionalFlag(index: Int): Boolean? = arguments[index] as Boolean?

    fun text(index: Int): String? = arguments[index]?.let(::text)

    /** A number of seconds. */
    fun delay(index: Int): Double = arguments[index] as Double

    /** A number of seconds, or null for none. */
    fun deadline(index: Int): Double? = arguments[index] as Double?

    fun reference(index: Int): Reference = arguments[index] as Reference

    /** One text, or several. */
    fun texts(index: Int): List<String> = (arguments[index] as? String)?.let(::listOf) ?: list(index)

    fun slots(index: Int): List<Any> = list(index)

    fun references(index: Int): List<Reference> = list(index)

    fun block(index: Int): List<Statement> = list(index)

    fun optionalBlock(index: Int): List<Statement>? = arguments[index]?.let { list(index) }

    fun handlers(index: Int): List<Handler> = list(index)

    @Suppress("UNCHECKED_CAST")
    private fun <T> list(index: Int): List<T> = arguments[index] as List<T>
}

/** An `except` clause of a `try`. */
class Handler(
    val kind: ExceptionKind,
    val block: List<Statement>,
    val reraise: Boolean,
)

/** What an `except` clause may name. */
enum class ExceptionKind { Boom, Cancelled, Timeout, Group, Exception, Any }

/** What gather, wait_for and shield may be given. */
sealed interface Reference {
    /** The future in a slot. */
    data class Slot(
        val key: Any,
    ) : Reference

    /** A new task of a function. */
    data class Fresh(
        val function: Int,
    ) : Reference

    /** A `Future` among the program's objects. */
    data class Shared(
        val index: Int,
    ) : Reference
}

/** Thrown for text that is no conformance program; the message says what is wrong with it. */
class MalformedProgram(
    message: String,
) : Exception(message)
