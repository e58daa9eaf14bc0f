// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.terminal
import com.github.ajalt.clikt.parameters.arguments.argument
import com.github.ajalt.clikt.parameters.arguments.help
import com.github.ajalt.clikt.parameters.arguments.optional
import com.github.ajalt.clikt.parameters.types.long
import com.github.ajalt.clikt.parameters.types.restrictTo
import com.github.ajalt.mordant.rendering.AnsiLevel
import java.io.PrintStream

/** A command that looks into the JVM whose PID it gets; without one, it lists the JVMs. */
internal abstract class InspectCommand(
    name: String,
    protected val out: PrintStream,
) : CliktCommand("simul $name") {
    private val pid by argument("pid")
        .help("The process to look into; without it, the JVMs are listed.")
        .long()
        .restrictTo(min = 1)
        .optional()

    protected val palette: Palette get() = Palette(isColored = terminal.terminalInfo.ansiLevel != AnsiLevel.NONE)

    protected abstract fun lookInto(pid: Long)

    final override fun run() = pid?.let(::lookInto) ?: jvmLines(commandName).forEach(out::println)

    override fun helpEpilog(context: Context) =
        "The process needs no flag, and prints nothing. Exit status: 1 a failure, 2 wrong arguments, 3 no such process, or it has ended, " +
            "4 another user's, 5 no JVM that can be attached to, 6 a JVM without management agent, 7 no event loop."
}
