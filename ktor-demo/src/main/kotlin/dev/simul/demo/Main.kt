// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import com.github.ajalt.clikt.core.CliktError
import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.NoOpCliktCommand
import com.github.ajalt.clikt.core.context
import com.github.ajalt.clikt.core.parse
import com.github.ajalt.clikt.core.subcommands
import com.github.ajalt.clikt.output.Localization
import dev.simul.demo.assets.AssetsCommand
import dev.simul.demo.check.CheckCommand
import dev.simul.demo.flags.FlagsCommand
import dev.simul.demo.gallery.AllCommand
import dev.simul.demo.gallery.ListCommand
import dev.simul.demo.gallery.programs
import dev.simul.demo.mojifinder.MojifinderCommand
import java.io.FileDescriptor
import kotlin.system.exitProcess

/** The root of the demo's commands; by itself it lists them. */
internal class Demo : NoOpCliktCommand(name = "simul demo") {
    override val printHelpOnEmptyArgs = true

    init {
        context { localization = Words }
        subcommands(FlagsCommand(), CheckCommand(), AssetsCommand(), MojifinderCommand())
        subcommands(ListCommand(), AllCommand())
        subcommands(programs.map { it.command(it) })
    }

    override fun help(context: Context) = "Demos of Simul on Ktor. Each starts what servers it needs, and stops them again."

    override fun helpEpilog(context: Context) =
        "'simul demo NAME --help' tells the options of one. The programs that 'simul demo list' names are commands too."
}

/** What Clikt says, but for a command that does not exist. */
private object Words : Localization {
    override fun noSuchSubcommand(
        name: String,
        possibilities: List<String>,
    ): String = super.noSuchSubcommand(name, possibilities).removeSuffix(".") + ". 'simul demo' and 'simul demo list' name all."
}

/** Runs the demo that [args] name, and ends with its exit status. */
fun main(args: Array<String>) {
    System.setProperty("java.awt.headless", "true") // flags are painted, but not on a screen
    val out = StandardStream(FileDescriptor.out, StandardStream.charset("stdout.encoding", "sun.stdout.encoding", "native.encoding"))
    val err = StandardStream(FileDescriptor.err, StandardStream.charset("stderr.encoding", "sun.stderr.encoding", "native.encoding"))
    System.setOut(out.stream)
    System.setErr(err.stream)
    val status = Demo().statusOf(args)
    val failure = out.failure()
    if (failure != null) System.err.println("Error: cannot print: ${whyUnwritten(failure)}; print to a place that has room")
    exitProcess(if (failure != null && status == 0) 1 else status)
}

private fun Demo.statusOf(args: Array<String>): Int =
    try {
        parse(args)
        0
    } catch (e: CliktError) {
        echoFormattedHelp(e)
        e.statusCode
    }
