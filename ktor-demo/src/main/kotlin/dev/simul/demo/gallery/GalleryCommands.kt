// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.terminal
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.mordant.rendering.AnsiLevel
import com.github.ajalt.mordant.rendering.TextStyles.bold
import com.github.ajalt.mordant.rendering.TextStyles.dim
import com.github.ajalt.mordant.rendering.Whitespace
import com.github.ajalt.mordant.widgets.Text
import dev.simul.demo.DemoCommand
import dev.simul.demo.Failure
import dev.simul.loop.FatalError

/** `simul demo list`: what there is to see. */
internal class ListCommand : DemoCommand("list") {
    override fun help(context: Context) = "Lists the programs of the gallery, by the articles they come from."

    override fun perform() {
        for (article in gallery) {
            echo(bold(article.title))
            for (program in article.programs) echo(entry(program))
            echo()
        }
        echo("simul demo NAME runs one, with --java its twin in Java, with --fast on virtual")
        echo("time; simul demo all runs all.")
    }

    /** In as many lines as the terminal needs; in one line for other programs, such as grep. */
    private fun entry(program: Program): String {
        val column = programs.maxOf { it.name.length } + "    ".length
        val name = "  ${program.name}".padEnd(column)
        if (!terminal.terminalInfo.outputInteractive) return name + program.summary
        val summary = Text(program.summary, Whitespace.NORMAL, width = maxOf(terminal.size.width - column, 20))
        return name + terminal.render(summary).lines().joinToString("\n".padEnd(column + 1)) { it.trimEnd() }
    }
}

/** `simul demo NAME`: one program. */
internal open class ProgramCommand(
    private val program: Program,
) : DemoCommand(program.name) {
    protected val java by javaOption()
    private val fast by fastOption()

    override val hiddenFromHelp = true

    override fun help(context: Context) = program.summary

    override fun perform() {
        val needs = program.needs
        if (needs != null && !needs.isInstalled) throw Failure("${program.name} needs ${needs.name}, which is not installed")
        program.perform(java, fast, showsColors)
    }
}

/** `simul demo all`: the whole gallery. */
internal class AllCommand : DemoCommand("all") {
    private val java by javaOption()
    private val fast by fastOption()

    override fun help(context: Context) = "Runs all programs of the gallery, one after the other."

    override fun perform() {
        val (present, absent) = programs.partition { it.canRun }
        val failures = present.filterNot { perform(it) }
        val language = if (java) "Java" else "Kotlin"
        if (absent.isNotEmpty()) {
            echo(
                "Left out, since their servers are not installed: ${absent.joinToString { "${it.name} (${it.needs!!.name})" }}.",
            )
        }
        echo("${present.size - failures.size} of ${programs.size} programs ran, in $language.")
        if (failures.isNotEmpty()) throw Failure("these failed: ${failures.joinToString { it.name }}; run one with --debug to see why")
    }

    private fun perform(program: Program): Boolean {
        echo(bold(program.name) + dim(": ${program.summary}"))
        val failure = runCatching { program.perform(java, fast, showsColors) }.exceptionOrNull()
        if (failure is FatalError) throw failure // Ctrl-C ends them all
        if (failure != null) echo("${program.name} failed: $failure", err = true)
        echo()
        return failure == null
    }
}

private val CliktCommand.showsColors get() = terminal.terminalInfo.ansiLevel != AnsiLevel.NONE

private fun CliktCommand.javaOption() = option("--java").help("Run the program in Java instead of the one in Kotlin.").flag()

private fun CliktCommand.fastOption() = option("--fast").help("Wait for nothing: run on virtual time.").flag()
