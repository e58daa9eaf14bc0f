// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

/**
 * The two parts of a split [BaseExceptionGroup].
 *
 * Source: the tuple that `BaseExceptionGroup.split` returns.
 *
 * @property match the part that matched, or null if nothing did.
 * @property rest the part that did not match, or null if everything did.
 */
public data class ExceptionGroupSplit(
    @get:JvmName("match")
    public val match: BaseExceptionGroup?,
    @get:JvmName("rest")
    public val rest: BaseExceptionGroup?,
) {
    internal companion object {
        fun of(
            group: BaseExceptionGroup,
            condition: (Throwable) -> Boolean,
        ): ExceptionGroupSplit {
            if (condition(group)) return ExceptionGroupSplit(group, null)
            val matching = mutableListOf<Throwable>()
            val remaining = mutableListOf<Throwable>()
            for (member in group.exceptions) {
                if (member is BaseExceptionGroup) {
                    val (match, rest) = of(member, condition)
                    match?.let(matching::add)
                    rest?.let(remaining::add)
                } else {
                    (if (condition(member)) matching else remaining).add(member)
                }
            }
            return ExceptionGroupSplit(part(group, matching), part(group, remaining))
        }

        private fun part(
            group: BaseExceptionGroup,
            members: List<Throwable>,
        ): BaseExceptionGroup? {
            if (members.isEmpty()) return null
            val part = group.derive(members)
            part.stackTrace = group.stackTrace
            val cause = group.cause
            if (cause != null && part.cause == null) part.initCause(cause)
            group.suppressedBesides.forEach(part::addSuppressed)
            return part
        }
    }
}
