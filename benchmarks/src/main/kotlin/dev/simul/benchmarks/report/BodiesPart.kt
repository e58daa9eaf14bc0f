// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** Bodies of plain Java, by JDK and carrier, beside virtual threads without a loop. */
internal object BodiesPart : Part {
    override val name = "bodies"
    override val uses = setOf(Tool.NEWER_JDK, Tool.VIRTUAL_THREADS)

    /** The carriers that a JDK has, by the name that SIMUL_CARRIER knows. */
    private fun carriersOf(jdk: Jdk) = if (jdk.feature >= VIRTUAL) listOf("platform", "virtual", "pumped") else listOf("platform")

    override fun measure(bench: Bench): List<Figure> =
        bench.inRounds {
            bench.tools.jdks.flatMap { jdk ->
                carriersOf(jdk).flatMap { carrier -> costs(bench, jdk, carrier) + memory(bench, jdk, carrier) }
            } + virtualThreads(bench)
        }

    private fun costs(
        bench: Bench,
        jdk: Jdk,
        carrier: String,
    ): List<Figure> {
        val program = "$carrier@${jdk.feature}"
        return Jmh(bench).run(jdk, "bodies-$program", "FacadeBenchmark", emptyList(), "SIMUL_CARRIER" to carrier) { program }
    }

    private fun memory(
        bench: Bench,
        jdk: Jdk,
        carrier: String,
    ): List<Figure> {
        val count = if (carrier == "platform") FEW else MANY
        val command = bench.processes.jvm("dev.simul.benchmarks.ParkedBodiesKt", "$count", "--json", java = jdk.java)
        return bench
            .figures(
                "$carrier@${jdk.feature}",
                command,
                "SIMUL_CARRIER" to carrier,
            ).map { it.copy(program = "$carrier@${jdk.feature}") }
    }

    private fun virtualThreads(bench: Bench): List<Figure> {
        val jdk = bench.tools.virtualJdk ?: return emptyList()
        val rows = "VirtualThreadsBenchmark.(yieldAlone|yieldOfTwo|createAndAwait)"
        return Jmh(bench).run(jdk, "bodies-virtual-threads", rows, OneCarrier.OPTIONS) { "virtual" }
    }

    private const val VIRTUAL = 21

    /** Each platform thread has a thread of the system. */
    const val FEW = 1_000
    const val MANY = 20_000
}
