// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import java.util.Collections
import java.util.IdentityHashMap
import kotlin.reflect.KClass

/**
 * Runs [body] and handles what it throws type by type, whether it comes in groups or alone.
 *
 * ```
 * exceptStar({ fetchAll() }) {
 *     on<IOException> { group -> log.warn("not reachable", group) }
 *     on<NumberFormatException, DateTimeException> { group -> throw Unreadable(group) }
 * }
 * ```
 *
 * Each clause gets a group of what matches its types among what the clauses before it left, with the nesting of the
 * original; an exception that was thrown alone is wrapped in a group without a message. A clause that finds nothing
 * does not run. After the last clause:
 *
 * - what no clause took is thrown on, and so is a group that its handler throws again, merged as they were nested in
 *   the original. If that is all of it, the original is thrown;
 * - anything else that handlers throw is new. Together with what is thrown on it becomes a group without a message, or
 *   is thrown as it is if it is alone. The group being handled is added to its suppressed exceptions, unless one
 *   already leads to the other.
 *
 * Body and handlers may suspend where the caller may. A cancellation is handled only by a clause for it.
 *
 * Source: `try` with `except*`.
 *
 * @return what [body] returned, or null if it threw and everything was handled.
 * @throws IllegalStateException if a handler is left by `return`, `break` or `continue`.
 * @throws IllegalArgumentException if a clause is for a type of exception groups.
 */
public inline fun <R> exceptStar(
    body: () -> R,
    clauses: ExceptStar.() -> Unit,
): R? {
    val thrown =
        try {
            return body()
        } catch (exception: Throwable) {
            ExceptStar(exception)
        }
    thrown.clauses()
    thrown.finish()
    return null
}

/**
 * The clauses of [exceptStar], and what is left for the next one of them.
 *
 * Source: the `except*` clauses of a `try`.
 */
public class ExceptStar
    @PublishedApi
    internal constructor(
        private val original: Throwable,
    ) {
        private var unhandled: Throwable? = original
        private val thrownAgain = mutableListOf<Throwable>()
        private val thrownNew = mutableListOf<Throwable>()

        /** Calls [handler] with the exceptions of type [E] that are left, if there are any. */
        public inline fun <reified E : Throwable> on(handler: (BaseExceptionGroup) -> Unit) {
            on(E::class, handler = handler)
        }

        /** Calls [handler] with the exceptions of type [E1] or [E2] that are left, if there are any. */
        @JvmName("onEither")
        public inline fun <reified E1 : Throwable, reified E2 : Throwable> on(handler: (BaseExceptionGroup) -> Unit) {
            on(E1::class, E2::class, handler = handler)
        }

        /** Calls [handler] with the exceptions of any of [types] that are left, if there are any. */
        public inline fun on(
            vararg types: KClass<out Throwable>,
            handler: (BaseExceptionGroup) -> Unit,
        ) {
            val group = take(types) ?: return
            var ended = false
            try {
                try {
                    handler(group)
                } catch (exception: Throwable) {
                    keep(exception, group)
                }
                ended = true
            } finally {
                checkEnded(ended)
            }
        }

        /** Removes what is of any of [types] from what is left. */
        @PublishedApi
        internal fun take(types: Array<out KClass<out Throwable>>): BaseExceptionGroup? {
            for (type in types) {
                require(!BaseExceptionGroup::class.java.isAssignableFrom(type.java)) {
                    "on<${type.simpleName}> is not allowed: a clause gets a group anyway; name types of members"
                }
            }
            val exception = unhandled
            if (exception is BaseExceptionGroup) {
                val (match, rest) = exception.split(*types)
                unhandled = rest
                return match
            }
            if (exception == null || types.none { it.isInstance(exception) }) return null
            unhandled = null
            return BaseExceptionGroup.of("", listOf(exception))
        }

        /** Remembers what the handler of [group] threw. */
        @PublishedApi
        internal fun keep(
            exception: Throwable,
            group: BaseExceptionGroup,
        ) {
            if (exception === group) {
                thrownAgain += group
            } else {
                thrownNew += exception.inPlaceOf(group)
            }
        }

        /** Throws what was not handled and what handlers threw, if there is any. */
        @PublishedApi
        internal fun finish() {
            val passedOn = thrownAgain + listOfNotNull(unhandled)
            val thrown = thrownNew + listOfNotNull(if (passedOn.isEmpty()) null else merge(passedOn))
            if (thrown.isNotEmpty()) throw thrown.singleOrNull() ?: BaseExceptionGroup.of("", thrown)
        }

        /** Refuses a handler that did not run to its end and threw nothing either. */
        @PublishedApi
        internal fun checkEnded(ended: Boolean) {
            check(ended) { "a handler of exceptStar was left by return, break or continue; let it run to its end" }
        }

        /** The part of the original that [parts] are made of. */
        private fun merge(parts: List<Throwable>): Throwable {
            if (original !is BaseExceptionGroup) return parts.single()
            val kept = Collections.newSetFromMap(IdentityHashMap<Throwable, Boolean>())
            parts.forEach { if (it is BaseExceptionGroup) kept += it.leaves else kept += it }
            if (original.leaves.all(kept::contains)) return original
            return checkNotNull(original.subgroup { it in kept }) { "no part of $original is left, but $parts are" }
        }
    }
