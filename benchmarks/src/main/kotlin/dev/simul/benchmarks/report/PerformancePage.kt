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

    private fun page() =
        (listOf(HEAD, missing(), where()) + Sections.all.mapNotNull { section -> results[section.part]?.let { render(section, it) } })
            .filter { it.isNotEmpty() }
            .joinToString("\n") { it.trimEnd() + "\n" }

    private fun missing(): String {
        val all = results.values.flatMap { it.missing }.distinct()
        return if (all.isEmpty()) "" else "Not installed, and so left out: ${all.joinToString()}.\n"
    }

    private fun where(): String {
        val measured = Sections.all.mapNotNull { results[it.part] }
        val versions = measured.flatMap { it.versions.entries }.groupBy({ it.key }, { it.value }).mapValues { (_, all) -> all.distinct() }
        return measured
            .map { it.machine }
            .distinct()
            .joinToString(
                "",
            ) { "Measured on $it" }
            .ifEmpty { return "Nothing has been measured yet.\n" } +
            ", on which nothing else ran, with ${versions.entries.joinToString { (name, all) ->
                "$name (${all.joinToString(" and ")})"
            }}.\n"
    }

    private fun render(
        section: Section,
        result: PartResult,
    ): String {
        val tables =
            section.tables.mapIndexed { index, table ->
                val rendered = table.render(result)
                val title = section.titles.getOrNull(index)
                if (title == null || rendered.isEmpty()) rendered else "### $title\n\n$rendered"
            }
        val lost = LostRows.render(section.part, section.tables.flatMap { it.lost(result) })
        val blocks =
            listOf("## ${section.title}\n", paragraph(section.introduction), if (section.part == "growth") IMAGE else "") + tables +
                listOf(paragraph(section.meaning), lost, failed(result), "Measured on ${result.date} by `${result.command}`.\n")
        return blocks.filter { it.isNotEmpty() }.joinToString("\n")
    }

    private fun failed(result: PartResult) =
        if (result.failed.isEmpty()) "" else "Not measured, since it failed: ${result.failed.joinToString("; ")}.\n"

    private fun paragraph(text: String) = text.trimIndent().let { if (it.isEmpty()) "" else "$it\n" }

    private companion object {
        const val PLOT = "performance/growth.svg"
        const val IMAGE = "![Nanoseconds a task, by the number of tasks](performance/growth.svg)\n"

        val HEAD =
            """
            # Performance

            `./simul bench report` has measured what is here, and has written this page out of the results in
            `docs/performance/results`. A test compares the two, so change what measures or renders it
            (`benchmarks/src/main/kotlin/dev/simul/benchmarks/report`), and not the page. The whole takes half an hour; `--only
            core,echo` measures some parts anew, `--rounds N` and `--full` take longer, and `./simul bench --quick` prints the
            most important ratios in five minutes.

            Bold values are the best of their rows, or within five percent of it, by which two runs may differ. Below each
            table stand the rows that Simul loses. The load and the peers run on the same machine; of several rounds the best
            one counts, since a disturbance only ever slows a program down.
            """.trimIndent() + "\n"
    }
}
