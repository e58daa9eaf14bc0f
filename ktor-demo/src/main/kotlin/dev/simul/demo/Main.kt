package dev.simul.demo

import com.github.ajalt.clikt.core.NoOpCliktCommand
import com.github.ajalt.clikt.core.main

/** The root of the demo's commands. */
private class Simul : NoOpCliktCommand(name = "simul demo")

/** Runs the demo command named by [args]. */
fun main(args: Array<String>) = Simul().main(args)
