// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.peers

/** The arguments of the benchmarks beside peers. */
internal class Options private constructor(
    val quick: Boolean,
    val json: Boolean,
    val rounds: Int,
    private val only: Regex,
    /** How long a program runs before it is measured, in seconds. */
    val warmUp: Int,
    /** How long it is measured, in seconds. */
    val seconds: Int,
) {
    /** Those of [rows] whose names were asked for. */
    fun <T> chosen(rows: List<T>): List<T> =
        rows.filter { only in "$it" }.also { require(it.isNotEmpty()) { "'$only' matches none of these:\n${rows.joinToString("\n")}" } }

    /** Measures each of [programs] once in each round, so that what slows the machine down slows all of them. */
    fun <P, T : Any> inRounds(
        programs: List<P>,
        measure: (P) -> T?,
    ): Map<P, List<T>> {
        val all = programs.associateWith { ArrayList<T>() }
        repeat(rounds) { for ((program, found) in all) measure(program)?.let(found::add) }
        return all.filterValues { it.isNotEmpty() }
    }

    companion object {
        private const val WARM_UP = 8
        private const val SECONDS = 3

        fun of(args: List<String>): Options {
            fun valueOf(option: String): String? =
                args.indexOf(option).takeIf { it >= 0 }?.let { requireNotNull(args.getOrNull(it + 1)) { "$option needs a value" } }
            val values = setOf("--rounds", "--only", "--warm-up", "--seconds")
            val unknown = args.filterIndexed { i, it -> it !in values + "--quick" + "--json" && args.getOrNull(i - 1) !in values }
            require(unknown.isEmpty()) {
                "'${unknown.first()}' is not an option: there are --quick, --json, --rounds N, --warm-up SECONDS, --seconds N and --only REGEX"
            }
            return Options(
                "--quick" in args,
                "--json" in args,
                valueOf("--rounds")?.toInt() ?: 1,
                Regex(valueOf("--only") ?: ""),
                valueOf("--warm-up")?.toInt() ?: WARM_UP,
                valueOf("--seconds")?.toInt() ?: SECONDS,
            )
        }
    }
}

internal fun List<Long>.median(): Long = sorted()[size / 2]
