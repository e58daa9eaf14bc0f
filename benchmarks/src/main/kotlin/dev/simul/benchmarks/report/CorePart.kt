// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.VirtualThreadsBenchmark

/** The primitives: by JMH on JVMs, and by peers' own programs. */
internal object CorePart : Part {
    override val name = "core"
    override val uses = Tool.PEERS + setOf(Tool.NEWER_JDK, Tool.VIRTUAL_THREADS)

    override fun measure(bench: Bench): List<Figure> = bench.inRounds { onJvms(bench) + peers(bench) }

    private fun onJvms(bench: Bench): List<Figure> {
        val jmh = Jmh(bench)
        val jdks = if (bench.settings.quick) listOf(bench.tools.jdk) else bench.tools.jdks
        val both =
            jdks.flatMap { jdk ->
                jmh.run(jdk, "core-${jdk.feature}", "CoreBenchmark|KotlinxBenchmark") { benchmark ->
                    if ("Core" in benchmark) "simul@${jdk.feature}" else "kotlinx@${jdk.feature}"
                }
            }
        val jdk = bench.tools.virtualJdk?.takeUnless { bench.settings.quick } ?: return both
        return both + jmh.run(jdk, "virtual", VirtualThreadsBenchmark::class.simpleName!!, OneCarrier.OPTIONS) { "virtual" }
    }

    private fun peers(bench: Bench): List<Figure> =
        bench.tools.programs.flatMap { (name, command) -> bench.figures(name, command + "core") }
}
