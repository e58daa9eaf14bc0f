// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import dev.simul.simulation.InvariantViolation

/**
 * What makes two failures the same: the types of the exception and its causes, and where in the program the innermost of them was thrown.
 * Messages do not count, since they contain values.
 */
internal data class FailureKind(
    val types: List<String>,
    val site: String?,
) {
    override fun toString(): String = types.first() + site?.let { " at $it" }.orEmpty()
}

internal fun kindOf(failure: Throwable): FailureKind {
    val chain = generateSequence(failure) { it.cause }.take(MAX_CAUSES).toList()
    val invariant = (failure as? InvariantViolation)?.let { " of '${it.invariant}'" }.orEmpty()
    return FailureKind(chain.map { it.javaClass.name + invariant }, siteOf(chain.last()))
}

/** The first line of the trace that is neither the JDK's, nor Kotlin's, nor that of a library of assertions. */
private fun siteOf(failure: Throwable): String? =
    failure.stackTrace
        .firstOrNull { frame -> LIBRARIES.none { frame.className.startsWith(it) } }
        ?.let { "${it.className}.${it.methodName}(${it.fileName}:${it.lineNumber})" }

private val LIBRARIES =
    listOf("java.", "javax.", "jdk.", "sun.", "kotlin.", "kotlinx.", "io.kotest.", "org.junit.", "org.assertj.", "org.hamcrest.")

/** Causes can form a ring. */
private const val MAX_CAUSES = 20
