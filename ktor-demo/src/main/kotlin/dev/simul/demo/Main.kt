package dev.simul.demo

import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.NoOpCliktCommand
import com.github.ajalt.clikt.core.main
import com.github.ajalt.clikt.core.subcommands
import dev.simul.demo.assets.AssetsCommand
import dev.simul.demo.flags.FlagsCommand
import dev.simul.demo.mojifinder.MojifinderCommand

/** The root of the demo's commands; by itself it lists them. */
internal class Demo : NoOpCliktCommand(name = "simul demo") {
    override val printHelpOnEmptyArgs = true

    init {
        subcommands(FlagsCommand())
        subcommands(MojifinderCommand())
        subcommands(AssetsCommand())
    }

    override fun help(context: Context) = "Demos of Simul on Ktor. Each starts the server it needs, and stops it again."

    override fun helpEpilog(context: Context) = "'simul demo <name> --help' tells the options of one."
}

/** Runs the demo that [args] name. */
fun main(args: Array<String>) {
    System.setProperty("java.awt.headless", "true") // flags are painted, but not on a screen
    Demo().main(args)
}
