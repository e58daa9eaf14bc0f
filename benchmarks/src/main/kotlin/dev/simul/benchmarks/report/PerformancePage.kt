// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.writeText

/** `docs/performance.md` and its plot, of what has been measured. */
internal class PerformancePage(
    private val results: Map<String, PartResult>,
) {
    /** What is written, by its path in `docs`. */
    fun files(): Map<String, String> =
        mapOf("performance.md" to page()) + (results["growth"]?.let { mapOf(PLOT to GrowthPlot.of(it).render()) }.orEmpty())

    fun write(folder: Path) {
        for ((path, text) in files()) folder.resolve(path).also { it.parent.createDirectories() }.writeText(text)
    }

    private val measured = Part.ALL.mapNotNull { results[it.name] }

    private fun page() =
        (listOf(if (measured.isEmpty()) EMPTY else HEAD, where()) + measured.map { render(Sections.of(it), it) })
            .filter { it.isNotEmpty() }
            .joinToString("\n") { it.trimEnd() + "\n" }

    private fun where(): String {
        if (measured.isEmpty()) return ""
        val versions = measured.flatMap { it.versions.entries }.groupBy({ it.key }, { it.value }).mapValues { (_, all) -> all.distinct() }
        val machines = measured.map { it.machine }.distinct().joinToString(", and on ")
        val names = versions.entries.joinToString { (name, all) -> "$name (${all.joinToString(" and ")})" }
        return "Measured on $machines; with $names.\n"
    }

    private fun render(
        section: Section,
        result: PartResult,
    ): String {
        val tables =
            section.tables.flatMapIndexed { index, table ->
                val rendered = table.render(result)
                val title = section.titles.getOrNull(index)
                val titled = if (title == null || rendered.isEmpty()) rendered else "### $title\n\n$rendered"
                listOf(titled, LostRows.render(section.part, table.lost(result)))
            }
        val source = "Measured on ${result.date} by `${result.command}`.\n"
        val blocks =
            listOf("## ${section.title}\n", paragraph(section.introduction), if (section.part == "growth") IMAGE else "") + tables +
                listOf(paragraph(section.meaning), missing(result), failed(result), source)
        return blocks.filter { it.isNotEmpty() }.joinToString("\n")
    }

    private fun missing(result: PartResult) =
        if (result.missing.isEmpty()) "" else "Not installed, and so left out: ${result.missing.joinToString()}.\n"

    private fun failed(result: PartResult) =
        if (result.failed.isEmpty()) "" else "Not measured, since it failed: ${result.failed.joinToString("; ")}.\n"

    private fun paragraph(text: String) = text.trimIndent().let { if (it.isEmpty()) "" else "$it\n" }

    private companion object {
        const val PLOT = "performance/growth.svg"
        const val IMAGE = "![Nanoseconds a task, by the number of tasks](performance/growth.svg)\n"

        const val HOW =
            """
            `./simul bench report` measures Simul beside others, keeps the results in `docs/performance/results`, and writes this
            page out of them. A test compares the two, so change what measures or renders it
            (`benchmarks/src/main/kotlin/dev/simul/benchmarks/report`), and not the page. The whole takes 35 minutes; `--only
            core,echo` measures some parts anew, `--rounds N` and `--full` take longer, and `./simul bench --quick` prints the
            most important ratios in five minutes.
            """

        val EMPTY = "# Performance\n\n${HOW.trimIndent()}\n\nNothing has been measured yet.\n"

        val HEAD =
            "# Performance\n\n${HOW.trimIndent()}\n\n" +
                """
                Bold values are the best of their rows, or within five percent of it. Below a table stand the rows that Simul
                loses by more than that, and why, as far as the benchmarks' code tells it; nothing there comes from a profile. The
                load and the peers run on the same machine. There is one round unless a section's command says otherwise.
                """.trimIndent() + "\n"
    }
}
