// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.conformance.ObjectKind.Barrier
import dev.simul.conformance.ObjectKind.BoundedSemaphore
import dev.simul.conformance.ObjectKind.Condition
import dev.simul.conformance.ObjectKind.Event
import dev.simul.conformance.ObjectKind.Future
import dev.simul.conformance.ObjectKind.LifoQueue
import dev.simul.conformance.ObjectKind.Lock
import dev.simul.conformance.ObjectKind.PriorityQueue
import dev.simul.conformance.ObjectKind.Queue
import dev.simul.conformance.ObjectKind.Semaphore
import dev.simul.conformance.ObjectKind.StreamReader

/** What an argument of a statement can be. */
enum class Argument(
    val description: String,
    val objects: Set<ObjectKind> = emptySet(),
) {
    /** A value which the program only passes on or shows. */
    VALUE("a number, a string, true, false or null"),
    TEXT("a text in ASCII"),
    TEXTS("a text in ASCII or a list of them"),
    COUNT("a whole number"),
    FLAG("true or false"),
    OPTIONAL_FLAG("true, false or null"),
    DELAY("a number of seconds"),
    DEADLINE("a number of seconds or null"),
    WHEN("ALL, FIRST or EXC"),

    /** The key of a future, a handle, a generator, a token or a context that the tasks share. */
    SLOT("a slot"),
    OPTIONAL_SLOT("a slot or null"),
    SLOTS("a list of slots"),
    REFERENCE("a slot, [\"f\", function] or [\"o\", object]"),
    REFERENCES("a list of slots, [\"f\", function] and [\"o\", object]"),
    FUNCTION("the index of a function"),
    GENERATOR("the index of a generator"),
    MANAGER("the index of a manager"),
    VARIABLE("the index of a context variable"),
    BLOCK("a list of statements"),
    OPTIONAL_BLOCK("a list of statements or null"),
    HANDLERS("a list of [exception, statements, reraise]"),
    FUTURE("the index of a Future", setOf(Future)),
    LOCK("the index of a lock, a semaphore or a condition", setOf(Lock, Semaphore, BoundedSemaphore, Condition)),
    EVENT("the index of an Event", setOf(Event)),
    CONDITION("the index of a Condition", setOf(Condition)),
    BARRIER("the index of a Barrier", setOf(Barrier)),
    QUEUE("the index of a queue", setOf(Queue, PriorityQueue, LifoQueue)),
    READER("the index of a StreamReader", setOf(StreamReader)),
}

/** How many context variables a program has. */
const val VARIABLES: Int = 3

/** The arguments of every operation. `yield` is apart: only a generator's own blocks may hold it. */
val grammar: Map<String, List<Argument>> =
    mapOf(
        "log" to listOf(Argument.VALUE),
        "sleep" to listOf(Argument.DELAY),
        "raise" to listOf(Argument.VALUE),
        "return" to listOf(Argument.VALUE),
        "repeat" to listOf(Argument.COUNT, Argument.BLOCK),
        "call" to listOf(Argument.FUNCTION),
        "try" to listOf(Argument.BLOCK, Argument.HANDLERS, Argument.OPTIONAL_BLOCK),
        "spawn" to listOf(Argument.SLOT, Argument.FUNCTION, Argument.FLAG),
        "await" to listOf(Argument.SLOT),
        "cancel" to listOf(Argument.SLOT, Argument.VALUE),
        "uncancel" to emptyList(),
        "cancelling" to emptyList(),
        "state" to listOf(Argument.SLOT),
        "on_done" to listOf(Argument.SLOT, Argument.VALUE),
        "gather" to listOf(Argument.REFERENCES, Argument.FLAG),
        "gather_later" to listOf(Argument.SLOT, Argument.REFERENCES, Argument.FLAG),
        "wait" to listOf(Argument.SLOTS, Argument.WHEN, Argument.DEADLINE),
        "wait_for" to listOf(Argument.REFERENCE, Argument.DEADLINE),
        "timeout" to listOf(Argument.DEADLINE, Argument.BLOCK),
        "reschedule" to listOf(Argument.DEADLINE),
        "shield" to listOf(Argument.REFERENCE),
        "as_completed" to listOf(Argument.SLOTS, Argument.DEADLINE),
        "group" to listOf(Argument.BLOCK),
        "group_spawn" to listOf(Argument.SLOT, Argument.FUNCTION),
        "fset" to listOf(Argument.FUTURE, Argument.VALUE),
        "fexc" to listOf(Argument.FUTURE, Argument.VALUE),
        "fcancel" to listOf(Argument.FUTURE, Argument.VALUE),
        "fawait" to listOf(Argument.FUTURE),
        "fstate" to listOf(Argument.FUTURE),
        "acquire" to listOf(Argument.LOCK),
        "release" to listOf(Argument.LOCK),
        "locked" to listOf(Argument.LOCK),
        "with" to listOf(Argument.LOCK, Argument.BLOCK),
        "eset" to listOf(Argument.EVENT),
        "eclear" to listOf(Argument.EVENT),
        "ewait" to listOf(Argument.EVENT),
        "cwait" to listOf(Argument.CONDITION),
        "notify" to listOf(Argument.CONDITION, Argument.COUNT),
        "notify_all" to listOf(Argument.CONDITION),
        "bwait" to listOf(Argument.BARRIER),
        "breset" to listOf(Argument.BARRIER),
        "babort" to listOf(Argument.BARRIER),
        "put" to listOf(Argument.QUEUE, Argument.VALUE),
        "get" to listOf(Argument.QUEUE),
        "put_nowait" to listOf(Argument.QUEUE, Argument.VALUE),
        "get_nowait" to listOf(Argument.QUEUE),
        "task_done" to listOf(Argument.QUEUE),
        "join" to listOf(Argument.QUEUE),
        "shutdown" to listOf(Argument.QUEUE, Argument.FLAG),
        "qsize" to listOf(Argument.QUEUE),
        "call_soon" to listOf(Argument.SLOT, Argument.VALUE),
        "call_later" to listOf(Argument.SLOT, Argument.DELAY, Argument.VALUE),
        "handle_cancel" to listOf(Argument.SLOT),
        "var_set" to listOf(Argument.VALUE),
        "var_get" to emptyList(),
        "aopen" to listOf(Argument.SLOT, Argument.GENERATOR),
        "anext" to listOf(Argument.SLOT),
        "asend" to listOf(Argument.SLOT, Argument.VALUE),
        "athrow" to listOf(Argument.SLOT, Argument.VALUE),
        "aclose" to listOf(Argument.SLOT),
        "afor" to listOf(Argument.GENERATOR, Argument.COUNT, Argument.BLOCK),
        "awith" to listOf(Argument.MANAGER, Argument.BLOCK),
        "spawn_in" to listOf(Argument.SLOT, Argument.FUNCTION, Argument.OPTIONAL_FLAG, Argument.OPTIONAL_SLOT),
        "variable_set" to listOf(Argument.VARIABLE, Argument.VALUE, Argument.SLOT),
        "variable_get" to listOf(Argument.VARIABLE),
        "variable_reset" to listOf(Argument.VARIABLE, Argument.SLOT),
        "copy_context" to listOf(Argument.SLOT),
        "context_get" to listOf(Argument.SLOT, Argument.VARIABLE),
        "run_in" to listOf(Argument.SLOT, Argument.BLOCK),
        "call_soon_in" to listOf(Argument.SLOT, Argument.OPTIONAL_SLOT, Argument.VARIABLE),
        "on_done_in" to listOf(Argument.SLOT, Argument.OPTIONAL_SLOT, Argument.VARIABLE),
        "feed" to listOf(Argument.READER, Argument.TEXT, Argument.COUNT),
        "feed_later" to listOf(Argument.READER, Argument.DEADLINE, Argument.TEXT, Argument.COUNT),
        "feed_eof" to listOf(Argument.READER),
        "eof_later" to listOf(Argument.READER, Argument.DEADLINE),
        "break" to listOf(Argument.READER, Argument.VALUE),
        "receive" to listOf(Argument.READER, Argument.TEXT, Argument.COUNT),
        "receive_eof" to listOf(Argument.READER),
        "lose" to listOf(Argument.READER, Argument.VALUE),
        "at_eof" to listOf(Argument.READER),
        "reader" to listOf(Argument.READER),
        "read" to listOf(Argument.READER, Argument.COUNT),
        "readexactly" to listOf(Argument.READER, Argument.COUNT),
        "readuntil" to listOf(Argument.READER, Argument.TEXTS),
        "readline" to listOf(Argument.READER),
        "lines" to listOf(Argument.READER, Argument.COUNT, Argument.BLOCK),
    )
