// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.terminal
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import java.io.PrintStream

/** `simul ps PID` and `simul pstree PID`, which show one look, as text or as JSON. */
internal class SnapshotCommand private constructor(
    name: String,
    out: PrintStream,
    private val help: String,
    private val linesOf: (List<LoopSnapshot>, width: Int?, stacks: Boolean, Palette) -> List<String>,
    private val jsonOf: (pid: Long, List<LoopSnapshot>) -> String,
) : InspectCommand(name, out) {
    private val stacks by option("-s", "--stacks").help("Show the stack of each task, the innermost frame first.").flag()
    private val wide by option("-w", "--wide").help("Cut no line; by default they are cut to the terminal's width.").flag()
    private val json by option("--json").help("Print JSON, for scripts; its keys are told in docs/guide/diagnosis.md.").flag()

    private val width: Int? get() = if (wide || !terminal.terminalInfo.outputInteractive) null else terminal.size.width

    override fun help(context: Context) = help

    override fun lookInto(pid: Long) {
        val loops = ObservedJvm.attach(pid).loopsOnceThereAre(stacks)
        if (json) out.println(jsonOf(pid, loops)) else linesOf(loops, width, stacks, palette).forEach(out::println)
    }

    companion object {
        /** A table of the tasks. */
        fun ps(out: PrintStream) =
            SnapshotCommand(
                "ps",
                out,
                "Lists the tasks of all event loops of a running JVM: what each waits for, and who awaits it.",
                { loops, width, stacks, palette -> TaskTable(width, stacks, palette).of(loops) },
                ::tableJsonOf,
            )

        /** The tasks as trees. */
        fun pstree(out: PrintStream) =
            SnapshotCommand(
                "pstree",
                out,
                "Shows the tasks of a running JVM as trees: below each task, those that it awaits.",
                { loops, width, stacks, palette -> TaskTree(width, stacks, palette).of(loops) },
                ::treeJsonOf,
            )
    }
}
