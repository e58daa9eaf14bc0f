package dev.simul.demo

import com.github.ajalt.clikt.core.NoOpCliktCommand
import com.github.ajalt.clikt.core.main

/** The root of the demo's commands. */
private class Demo : NoOpCliktCommand(name = "simul demo") {
    override val printHelpOnEmptyArgs = true
}

/** Runs the demo that [args] name. */
fun main(args: Array<String>) = Demo().main(args)
