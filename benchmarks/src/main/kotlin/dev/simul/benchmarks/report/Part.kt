// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** A part of the report, which can be measured alone. */
internal interface Part {
    val name: String

    /** What it measures with, besides this JDK. */
    val uses: Set<Tool>

    fun measure(bench: Bench): List<Figure>

    companion object {
        val ALL: List<Part> = listOf(CorePart, BodiesPart, GrowthPart, EchoPart, TlsPart, HttpPart, MemoryPart, StartupPart)

        /** The parts of which a few minutes give something. */
        val QUICK: List<Part> = listOf(CorePart, EchoPart, MemoryPart, StartupPart)
    }
}
