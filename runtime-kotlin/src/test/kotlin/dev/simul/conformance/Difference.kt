// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

/** Where two traces part, in words, or null if they are the same. */
fun difference(
    expected: List<String>,
    actual: List<String>,
): String? {
    if (expected == actual) return null
    val at = expected.indices.firstOrNull { it >= actual.size || actual[it] != expected[it] } ?: expected.size
    val before = expected.subList(maxOf(0, at - CONTEXT_LINES), at).joinToString("") { "    $it\n" }
    val lines = { trace: List<String> -> trace.drop(at).take(CONTEXT_LINES).ifEmpty { listOf("(the trace ends)") } }
    return "line ${at + 1} of the trace differs:\n$before" +
        lines(expected).joinToString("") { "  - $it\n" } + "but here\n" + lines(actual).joinToString("") { "  + $it\n" }
}

private const val CONTEXT_LINES = 4
