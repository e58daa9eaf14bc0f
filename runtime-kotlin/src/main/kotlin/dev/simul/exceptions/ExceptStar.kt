// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import java.util.Collections
import java.util.IdentityHashMap
import kotlin.reflect.KClass

/**
 * Runs [body] and handles its exceptions type by type, whether they come in groups or alone.
 *
 * ```
 * exceptStar({ fetchAll() }) {
 *     on<IOException> { group -> log.warn("not reachable", group) }
 *     on<NumberFormatException, DateTimeException> { group -> throw Unreadable(group) }
 * }
 * ```
 *
 * Each clause gets a group of the exceptions that match its types, among those that the clauses before it left, with the nesting of the
 * original; an exception thrown alone is wrapped in a group without a message. A clause that matches nothing does not run. After the last
 * clause:
 *
 * - exceptions that no clause took are rethrown, and so is a group that its handler throws again, merged with the nesting of the original.
 *   If together they are all of the original, the original is thrown;
 * - any other exception of a handler is new. Together with the rethrown ones it becomes a group without a message; if it is the only one,
 *   it is thrown as it is. The group being handled is added to its suppressed exceptions, unless one already leads to the other.
 *
 * Body and handlers may suspend if the caller may. A cancellation is handled only by a clause for it.
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
 * The clauses of [exceptStar], and the exceptions left for the next one.
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

        /** Calls [handler] with the remaining exceptions of type [E], if there are any. */
        public inline fun <reified E : Throwable> on(handler: (BaseExceptionGroup) -> Unit) {
            on(E::class, handler = handler)
        }

        /** Calls [handler] with the remaining exceptions of type [E1] or [E2], if there are any. */
        @JvmName("onEither")
        public inline fun <reified E1 : Throwable, reified E2 : Throwable> on(handler: (BaseExceptionGroup) -> Unit) {
            on(E1::class, E2::class, handler = handler)
        }

        /** Calls [handler] with the remaining exceptions of any of [types], if there are any. */
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

        /** Removes the exceptions of any of [types] from the remaining ones. */
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

        /** Records the exception that the handler of [group] threw. */
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

        /** Throws the unhandled exceptions and those that handlers threw, if there are any. */
        @PublishedApi
        internal fun finish() {
            val passedOn = thrownAgain + listOfNotNull(unhandled)
            val thrown = thrownNew + listOfNotNull(if (passedOn.isEmpty()) null else merge(passedOn))
            if (thrown.isNotEmpty()) throw thrown.singleOrNull() ?: BaseExceptionGroup.of("", thrown)
        }

        /** Refuses a handler that was left early without an exception. */
        @PublishedApi
        internal fun checkEnded(ended: Boolean) {
            check(ended) { "a handler of exceptStar was left by return, break or continue; let it run to its end" }
        }

        /** The part of the original that contains [parts]. */
        private fun merge(parts: List<Throwable>): Throwable {
            if (original !is BaseExceptionGroup) return parts.single()
            val kept = Collections.newSetFromMap(IdentityHashMap<Throwable, Boolean>())
            parts.forEach { if (it is BaseExceptionGroup) kept += it.leaves else kept += it }
            if (original.leaves.all(kept::contains)) return original
            return checkNotNull(original.subgroup { it in kept }) { "no part of $original is left, but $parts are" }
        }
    }
