// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import dev.simul.benchmarks.peers.Processes
import java.nio.file.Path
import java.time.LocalDate
import java.time.ZoneOffset
import kotlin.io.path.absolute
import kotlin.system.exitProcess

/**
 * `./simul bench report` measures the parts of `docs/performance.md`, keeps each under `docs/performance/results` as soon as it is
 * measured, and writes the page of all that are there.
 *
 * Arguments: `report`, `quick` or a part's name; the folder of the benchmarks; `--only core,echo` for some parts; `--rounds N`; `--full`
 * for two hours instead of 35 minutes; `--render` to write the page without measuring; `--output FOLDER` instead of `docs`; `--json` for
 * the results of `quick` and of a part alone, which are printed.
 */
internal object ReportBench {
    @JvmStatic
    fun main(args: Array<String>) {
        try {
            val arguments = ReportArguments.of(args[0], args.drop(2))
            if (!run(args[0], arguments, Path.of(args[1]).absolute().normalize())) exitProcess(FAILED)
        } catch (error: UsageError) {
            System.err.println("simul: ${error.message}")
            exitProcess(MISUSED)
        } catch (stopped: Processes.Stopped) {
            System.err.println("simul: ${stopped.message}; what was being measured is left out")
            exitProcess(FAILED)
        }
    }

    /** Whether all that was to be measured has figures. */
    private fun run(
        command: String,
        arguments: ReportArguments,
        sources: Path,
    ): Boolean =
        when (command) {
            "report" -> report(arguments, sources, arguments.output?.absolute() ?: sources.resolveSibling("docs"))
            "quick" -> show(Part.QUICK.chosen(arguments), arguments, sources, "--quick") { Settings.quick(it) }
            else -> show(Part.ALL.filter { it.name == command }, arguments, sources, command) { arguments.settings }
        }

    private fun report(
        arguments: ReportArguments,
        sources: Path,
        output: Path,
    ): Boolean {
        val results = output.resolve("performance/results")
        val parts = if (arguments.renderOnly) emptyList() else Part.ALL.chosen(arguments)
        val measured =
            parts.map { part ->
                System.err.println("simul: measuring ${part.name}")
                val result = measure(part, "report --only ${part.name}${arguments.measuring}", arguments.settings, sources)
                // What was measured before is better than nothing.
                if (result.figures.isEmpty()) {
                    System.err.println("simul: ${part.name} has no figures: ${result.failed.joinToString("; ")}")
                } else {
                    result.write(results)
                    PerformancePage(PartResult.readAll(results)).write(output)
                }
                result.figures.isNotEmpty()
            }
        PerformancePage(PartResult.readAll(results)).write(output)
        return measured.all { it }
    }

    private fun show(
        parts: List<Part>,
        arguments: ReportArguments,
        sources: Path,
        command: String,
        settings: (Int?) -> Settings,
    ): Boolean {
        val results =
            parts.map { part ->
                val result = measure(part, command + arguments.measuring, settings(arguments.rounds), sources)
                println(if (arguments.json) result.toJson() else Ratios(result).toString())
                result
            }
        return results.all { it.figures.isNotEmpty() }
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
                bench.tools.missing(part.uses).map { it.text },
                bench.failed,
                figures.sortedWith(compareBy({ it.program }, { it.row })),
            )
        }

    private fun List<Part>.chosen(arguments: ReportArguments) = filter { arguments.only == null || it.name in arguments.only }

    private const val FAILED = 1
    private const val MISUSED = 2
}
