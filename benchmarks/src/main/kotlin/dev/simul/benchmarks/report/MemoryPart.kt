// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** Bytes of what does nothing: of heap on JVMs, of resident memory elsewhere. */
internal object MemoryPart : Part {
    override val name = "memory"
    override val uses = Tool.PEERS + Tool.VIRTUAL_THREADS

    override fun measure(bench: Bench): List<Figure> {
        val jdk = bench.tools.jdk
        val ours = bench.figures("simul", bench.processes.jvm("dev.simul.benchmarks.MemoryKt", "--json", java = jdk.java, options = HEAP))
        if (bench.settings.quick) return ours
        return ours + virtual(bench) +
            bench.tools.programs.flatMap { (name, command) -> bench.figures(name, command + "memory") }
    }

    private fun virtual(bench: Bench): List<Figure> {
        val jdk = bench.tools.virtualJdk ?: return emptyList()
        return bench.figures("virtual", bench.processes.jvm("dev.simul.benchmarks.VirtualMemoryKt", java = jdk.java, options = HEAP))
    }

    private val HEAP = listOf("-Xmx2g")
}
