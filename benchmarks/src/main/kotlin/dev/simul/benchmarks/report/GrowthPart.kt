// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** What a task costs as their number grows: each is created, yields once and is awaited. */
internal object GrowthPart : Part {
    override val name = "growth"
    override val uses = Tool.PEERS + Tool.VIRTUAL_THREADS

    val SIZES = listOf(100, 1_000, 10_000, 100_000, 1_000_000)

    override fun measure(bench: Bench): List<Figure> = bench.inRounds { onJvms(bench) + peers(bench) }

    private fun onJvms(bench: Bench): List<Figure> {
        val jdk = bench.tools.virtualJdk
        return of(bench, bench.tools.jdk, "simul") + of(bench, bench.tools.jdk, "kotlinx") +
            if (jdk == null) emptyList() else of(bench, jdk, "virtual")
    }

    private fun of(
        bench: Bench,
        jdk: Jdk,
        program: String,
    ): List<Figure> {
        val heap = listOf("-XX:+UseParallelGC", "-Xms4g", "-Xmx4g") + if (program == "virtual") OneCarrier.OPTIONS else emptyList()
        val command =
            bench.processes.jvm("dev.simul.benchmarks.GrowthKt", program, *sizes, options = heap, java = jdk.java) -
                setOf("-XX:+UseSerialGC", "-Xmx1g")
        return bench.figures(program, command)
    }

    private fun peers(bench: Bench) = bench.tools.programs.flatMap { (name, command) -> bench.figures(name, command + "growth" + sizes) }

    private val sizes = SIZES.map(Int::toString).toTypedArray()
}
