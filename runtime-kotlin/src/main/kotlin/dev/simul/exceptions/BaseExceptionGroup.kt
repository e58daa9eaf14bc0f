// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import java.util.function.Predicate
import kotlin.reflect.KClass

/**
 * Several unrelated exceptions, thrown as one.
 *
 * Groups nest. A group whose members are all ordinary failures is an [ExceptionGroup]; one that contains a cancellation or a fatal error is
 * only a [BaseExceptionGroup]. Create either with [of], which decides.
 *
 * The members are also attached as suppressed exceptions, so that stack traces and loggers show them; any further
 * suppressed exceptions of a group come after its members.
 *
 * Source: `BaseExceptionGroup`.
 *
 * @param exceptions the members; the group keeps a copy of the list.
 * @param cause the cause of the group, or null.
 * @property message describes what the members have in common.
 * @throws IllegalArgumentException if [exceptions] is empty.
 */
public open class BaseExceptionGroup
    @JvmOverloads
    protected constructor(
        override val message: String,
        exceptions: List<Throwable>,
        cause: Throwable? = null,
    ) : RuntimeException(message) {
        /** The members, at least one; nested groups are not flattened. */
        @get:JvmName("exceptions")
        public val exceptions: List<Throwable> = java.util.List.copyOf(exceptions)

        init {
            require(this.exceptions.isNotEmpty()) { "exception group '$message' needs at least one exception" }
            this.exceptions.forEach(::addSuppressed)
            if (cause != null) initCause(cause)
        }

        /** The exceptions at the leaves of this group and of all nested groups, in order; none of them is a group. */
        @get:JvmSynthetic
        public val leaves: Sequence<Throwable>
            get() =
                exceptions.asSequence().flatMap { member ->
                    if (member is BaseExceptionGroup) member.leaves else sequenceOf(member)
                }

        /**
         * Creates the group of [exceptions], a part of this one's, when this group is split.
         *
         * A subclass overrides it to return a group of its own type. The result gets this group's cause, suppressed exceptions and stack
         * trace.
         */
        public open fun derive(exceptions: List<Throwable>): BaseExceptionGroup = of(message, exceptions)

        /**
         * Divides this group into the exceptions that match [condition] and the rest.
         *
         * The condition is checked on groups first: a group that matches is taken whole. Both parts keep the nesting of this group, without
         * the groups that became empty, and its message, cause and stack trace. If this group itself matches, it is the first part.
         */
        @JvmSynthetic
        public open fun split(condition: (Throwable) -> Boolean): ExceptionGroupSplit = ExceptionGroupSplit.of(this, condition)

        /** As `split` with a Kotlin function. */
        public fun split(condition: Predicate<in Throwable>): ExceptionGroupSplit = split(condition::test)

        /**
         * Divides this group into the exceptions of the given [types] and the rest.
         *
         * A nested group is taken whole if it is of such a group type, or if everything in it matches.
         */
        @JvmSynthetic
        public fun split(vararg types: KClass<out Throwable>): ExceptionGroupSplit = split(isAnyOf(types.map { it.java }))

        /** As `split` with Kotlin classes. */
        @SafeVarargs
        public fun split(vararg types: Class<out Throwable>): ExceptionGroupSplit = split(isAnyOf(types.asList()))

        /** The part of this group that matches [condition], as in [split], or null if nothing does. */
        @JvmSynthetic
        public fun subgroup(condition: (Throwable) -> Boolean): BaseExceptionGroup? = split(condition).match

        /** As `subgroup` with a Kotlin function. */
        public fun subgroup(condition: Predicate<in Throwable>): BaseExceptionGroup? = split(condition).match

        /** The part of this group that contains the exceptions of the given [types], or null if there is none. */
        @JvmSynthetic
        public fun subgroup(vararg types: KClass<out Throwable>): BaseExceptionGroup? = split(*types).match

        /** As `subgroup` with Kotlin classes. */
        @SafeVarargs
        public fun subgroup(vararg types: Class<out Throwable>): BaseExceptionGroup? = split(*types).match

        /**
         * The class, the message, the number of members and the first of them, which a log's line would not tell otherwise:
         * `ExceptionGroup: all failed (2 sub-exceptions): java.io.IOException: refused; java.io.IOException: reset`. Python's `str(group)` ends
         * with the number. The [message] is as in Python.
         */
        override fun toString(): String {
            val more = exceptions.size - SHOWN
            val shown = exceptions.take(SHOWN).joinToString("; ") { describe(it) } + if (more > 0) "; and $more more" else ""
            return "${headline()}: $shown"
        }

        private fun headline() = "${javaClass.name}: $message (${exceptions.size} sub-exception${if (exceptions.size == 1) "" else "s"})"

        /** In one line; the members of nested groups follow in the stack trace. */
        private fun describe(member: Throwable): String {
            val text = if (member is BaseExceptionGroup) member.headline() else member.toString()
            val line = text.lineSequence().first()
            return if (line.length > LONGEST) line.take(LONGEST) + "…" else line
        }

        /** The suppressed exceptions of this group that are not its members. */
        internal val suppressedBesides: List<Throwable>
            get() = suppressed.drop(exceptions.size)

        /** Creates groups. */
        public companion object {
            /** How many members [toString] describes, and in how many characters each. */
            private const val SHOWN = 3
            private const val LONGEST = 120

            /**
             * A group of [exceptions]: an [ExceptionGroup] if all of them are ordinary failures.
             *
             * @throws IllegalArgumentException if [exceptions] is empty.
             */
            @JvmStatic
            public fun of(
                message: String,
                exceptions: List<Throwable>,
            ): BaseExceptionGroup =
                if (exceptions.all { it.isOrdinary }) {
                    ExceptionGroup(message, exceptions)
                } else {
                    BaseExceptionGroup(message, exceptions)
                }
        }
    }

/** The part of this group that contains the exceptions of type [E], or null if there is none. */
public inline fun <reified E : Throwable> BaseExceptionGroup.subgroup(): BaseExceptionGroup? = subgroup(E::class)

/** Divides this group into the exceptions of type [E] and the rest. */
public inline fun <reified E : Throwable> BaseExceptionGroup.split(): ExceptionGroupSplit = split(E::class)

/**
 * Matches exceptions of any of [types].
 *
 * Every group is a [RuntimeException] here, whatever it contains. So a type that is not a group type matches a group only if it matches
 * every leaf; otherwise `RuntimeException` would match a group of `IOException`s.
 */
private fun isAnyOf(types: List<Class<out Throwable>>): (Throwable) -> Boolean {
    val (groupTypes, otherTypes) = types.partition(BaseExceptionGroup::class.java::isAssignableFrom)
    return { exception ->
        if (exception is BaseExceptionGroup) {
            groupTypes.any { it.isInstance(exception) } ||
                otherTypes.any { type -> type.isInstance(exception) && exception.leaves.all(type::isInstance) }
        } else {
            otherTypes.any { it.isInstance(exception) }
        }
    }
}
