// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import kotlin.time.Duration.Companion.nanoseconds

/** One step of a run: when it happened, by the simulation's time, on which host, and what it was. */
internal data class RecordedStep(
    val nanos: Long,
    val host: String,
    val what: String,
) {
    /** In one line, which [stepOf] reads. */
    val line: String get() = "$nanos\t${escaped(host)}\t${escaped(what)}"

    override fun toString(): String = "${nanos.nanoseconds}  $host  $what"
}

/** The line before the first step of a seed's run. */
internal fun lineOf(seed: Long): String = SEED + seed

/** The seed, if [line] is one of [lineOf]. */
internal fun seedOf(line: String): Long? = if (line.startsWith(SEED)) line.removePrefix(SEED).toLong() else null

private const val SEED = "seed "

/** The step whose [RecordedStep.line] is [line]. */
internal fun stepOf(line: String): RecordedStep {
    val (nanos, host, what) = line.split('\t', limit = 3)
    return RecordedStep(nanos.toLong(), unescaped(host), unescaped(what))
}

private fun escaped(text: String): String = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")

private fun unescaped(text: String): String =
    ESCAPE.replace(text) {
        when (val letter = it.groupValues[1]) {
            "n" -> "\n"
            "r" -> "\r"
            "t" -> "\t"
            else -> letter
        }
    }

private val ESCAPE = Regex("\\\\(.)")
