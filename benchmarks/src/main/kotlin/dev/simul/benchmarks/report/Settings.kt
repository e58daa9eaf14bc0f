// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** How long is measured. */
internal class Settings(
    /** How often each program is measured; the best round counts. */
    val rounds: Int,
    val jmhIterations: Int,
    val jmhMillis: Int,
    val echoWarmUp: Int,
    val echoSeconds: Int,
    val httpWarmUp: Int,
    val httpSeconds: Int,
    val startups: Int,
    /** One JDK, and the rows that are fast to measure. */
    val quick: Boolean = false,
) {
    companion object {
        /** 35 minutes for the whole report. */
        fun standard(rounds: Int?) = Settings(rounds ?: 1, 3, 1_000, 1, 1, 8, 2, 10)

        /** Two hours. */
        fun full(rounds: Int?) = Settings(rounds ?: 3, 5, 1_000, 3, 2, 8, 3, 20)

        /** Five minutes at most. */
        fun quick(rounds: Int?) = Settings(rounds ?: 1, 2, 250, 1, 1, 2, 1, 5, quick = true)
    }
}
