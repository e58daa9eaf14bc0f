// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.peers.Processes
import java.nio.file.Path
import java.time.LocalDate
import java.time.ZoneOffset
import kotlin.io.path.absolute

/**
 * `./simul bench report` measures the parts of `docs/performance.md`, keeps each under `docs/performance/results` as soon as it is
 * measured, and writes the page of all that are there.
 *
 * Arguments: `report`, `quick` or a part's name; the folder of the benchmarks; `--only core,echo` for some parts; `--rounds N`; `--full`
 * for two hours instead of half an hour; `--render` to write the page without measuring; `--output FOLDER` instead of `docs`; `--json` for
 * the results of `quick` and of a part alone, which are printed.
 */
internal object ReportBench {
    @JvmStatic
    fun main(args: Array<String>) {
        val arguments = ReportArguments.of(args.drop(2))
        val sources = Path.of(args[1]).absolute().normalize()
        val output = arguments.output?.absolute() ?: sources.resolveSibling("docs")
        when (val command = args[0]) {
            "report" -> report(arguments, sources, output)
            "quick" -> show(Part.QUICK.chosen(arguments), arguments, sources, "--quick") { Settings.quick(it) }
            else -> show(Part.ALL.filter { it.name == command }, arguments, sources, command) { arguments.settings }
        }
    }

    private fun report(
        arguments: ReportArguments,
        sources: Path,
        output: Path,
    ) {
        val results = output.resolve("performance/results")
        if (!arguments.renderOnly) {
            for (part in Part.ALL.chosen(arguments)) {
                System.err.println("simul: measuring ${part.name}")
                measure(part, "report --only ${part.name}", arguments.settings, sources).write(results)
                PerformancePage(PartResult.readAll(results)).write(output)
            }
        }
        PerformancePage(PartResult.readAll(results)).write(output)
    }

    private fun show(
        parts: List<Part>,
        arguments: ReportArguments,
        sources: Path,
        command: String,
        settings: (Int?) -> Settings,
    ) {
        for (part in parts) {
            val result = measure(part, command, settings(arguments.rounds), sources)
            println(if (arguments.json) result.toJson() else Ratios(result).toString())
        }
    }

    private fun measure(
        part: Part,
        command: String,
        settings: Settings,
        sources: Path,
    ): PartResult =
        Processes("report").use { processes ->
            val bench = Bench(settings, Toolchain(sources, processes), processes)
            val figures = bench.attempt(part.name) { part.measure(bench) }.orEmpty()
            PartResult(
                part.name,
                LocalDate.now(ZoneOffset.UTC).toString(),
                "./simul bench $command",
                Machine.description,
                bench.tools.versions,
                bench.tools.missing,
                bench.failed.distinct(),
                figures.sortedWith(compareBy({ it.program }, { it.row })),
            )
        }

    private fun List<Part>.chosen(arguments: ReportArguments): List<Part> {
        val unknown = arguments.only.orEmpty() - map { it.name }.toSet()
        require(unknown.isEmpty()) { "'${unknown.first()}' is no part of the report; there are ${joinToString { it.name }}" }
        return filter { arguments.only == null || it.name in arguments.only }
    }
}
