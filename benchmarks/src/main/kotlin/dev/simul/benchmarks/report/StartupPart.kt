// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** Milliseconds from the start of a program that prints a line out of a task to its end. */
internal object StartupPart : Part {
    override val name = "startup"
    override val uses = Tool.PEERS + Tool.NEWER_JDK

    override fun measure(bench: Bench): List<Figure> {
        val programs =
            bench.tools.jdks.flatMap { jdk -> KINDS.map { kind -> "$kind@${jdk.feature}" to hello(bench, jdk, kind) } } +
                bench.tools.programs.map { (name, command) -> name to command + "hello" }
        val times = programs.associate { (name, _) -> name to ArrayList<Double>() }
        repeat(bench.settings.startups) {
            for ((name, command) in programs) millis(bench, name, command)?.let(times.getValue(name)::add)
        }
        return times.filterValues { it.isNotEmpty() }.map { (name, all) -> Figure("hello", name, all.sorted()[all.size / 2]) }
    }

    private fun hello(
        bench: Bench,
        jdk: Jdk,
        kind: String,
    ) = bench.processes.plainJvm("dev.simul.benchmarks.HelloKt", kind, java = jdk.java)

    private fun millis(
        bench: Bench,
        name: String,
        command: List<String>,
    ): Double? {
        val began = System.nanoTime()
        val output = bench.processes.run(command)
        val took = (System.nanoTime() - began) / 1e6
        if (output.succeeded && output.lines.lastOrNull() == "hello") return took.also { bench.worked(name) }
        return null.also { bench.failed(name, "its program failed") }
    }

    private val KINDS = listOf("jvm", "simul", "facade", "kotlinx")
}
