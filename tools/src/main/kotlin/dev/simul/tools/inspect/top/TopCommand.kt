// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.ProgramResult
import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.core.terminal
import com.github.ajalt.clikt.parameters.options.default
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.double
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo
import com.sun.tools.attach.VirtualMachine
import dev.simul.tools.inspect.InspectCommand
import dev.simul.tools.inspect.ObservedJvm
import org.jline.terminal.TerminalBuilder
import java.io.PrintStream
import kotlin.time.Duration.Companion.seconds

/** `simul top PID`: the tasks of a running JVM, live. */
internal class TopCommand(
    out: PrintStream,
) : InspectCommand("top", out) {
    private val interval by option("-d", "--interval")
        .help("How many seconds from one look to the next; 1 by default.")
        .double()
        .restrictTo(min = 0.1)
        .default(1.0)
    private val batch by option("-b", "--batch").help("Print each look as text, one after the other, and read no keys.").flag()
    private val iterations by option("-n", "--iterations").help("End after so many looks; with --batch.").int().restrictTo(min = 1)
    private val once by option("--once").help("Print one look: --batch --iterations 1.").flag()

    override fun help(context: Context) =
        "Shows the tasks of a running JVM live: by time on the loop, by age, by the time they have waited."

    override fun lookInto(pid: Long) {
        val isBatch = batch || once
        if (iterations != null && !batch) throw misused("--iterations needs --batch")
        if (!isBatch && !(terminal.terminalInfo.outputInteractive && terminal.terminalInfo.inputInteractive)) {
            throw misused("stdin and stdout are not both a terminal: --once or --batch print text")
        }
        val jvm = ObservedJvm.attach(pid)
        val first = Sample(System.nanoTime(), jvm.loopsOnceThereAre(stacks = false))
        val sampler = Sampler(jvm, interval.seconds)
        if (isBatch) {
            Batch(sampler, program(pid), interval.seconds, out).print(if (once) 1 else iterations)
        } else {
            live(sampler, program(pid), first)
        }
    }

    private fun live(
        sampler: Sampler,
        program: String,
        first: Sample,
    ) {
        val terminal = TerminalBuilder.builder().system(true).dumb(true).build()
        if (terminal.type.startsWith("dumb")) {
            terminal.close()
            throw misused("TERM says that the terminal cannot move its cursor: set it, as in TERM=xterm, or use --once or --batch")
        }
        val isInterrupted = TopTerminal(terminal).use { LiveTop(it, sampler, program, interval.seconds, palette, first).run() }
        if (isInterrupted) throw ProgramResult(INTERRUPTED)
    }

    private fun misused(message: String): UsageError = UsageError(message).also { it.context = currentContext }

    private companion object {
        private const val INTERRUPTED = 130
    }
}

/** The process and the class, or the jar, that it runs. */
private fun program(pid: Long): String {
    val command = VirtualMachine.list().find { it.id() == "$pid" }?.displayName().orEmpty()
    return "$pid $command".trim()
}
