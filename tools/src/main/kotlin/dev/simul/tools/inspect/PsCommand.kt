// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.core.terminal
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import java.io.PrintStream

/** What `ps` and `pstree` have in common: they show one look, as text or as JSON. */
internal abstract class SnapshotCommand(
    name: String,
    out: PrintStream,
) : InspectCommand(name, out) {
    protected val stacks by option("-s", "--stacks").help("Show the stack of each task, the innermost frame first.").flag()
    private val wide by option("-w", "--wide").help("Cut no line; by default they are cut to the terminal's width.").flag()
    private val json by option("--json").help("Print JSON, for scripts; its keys are told in docs/guide/diagnosis.md.").flag()

    protected val width: Int? get() = if (wide || !terminal.terminalInfo.outputInteractive) null else terminal.size.width

    protected abstract fun linesOf(loops: List<LoopSnapshot>): List<String>

    protected abstract fun jsonOf(
        pid: Long,
        loops: List<LoopSnapshot>,
    ): String

    final override fun lookInto(pid: Long) {
        val loops = ObservedJvm.attach(pid).loopsOnceThereAre(stacks)
        if (json) out.println(jsonOf(pid, loops)) else linesOf(loops).forEach(out::println)
    }
}

/** `simul ps PID`: a table of the tasks. */
internal class PsCommand(
    out: PrintStream,
) : SnapshotCommand("ps", out) {
    override fun help(context: Context) = "Lists the tasks of all event loops of a running JVM: what each waits for, and who awaits it."

    override fun linesOf(loops: List<LoopSnapshot>) = TaskTable(width, stacks, palette).of(loops)

    override fun jsonOf(
        pid: Long,
        loops: List<LoopSnapshot>,
    ) = tableJsonOf(pid, loops)
}

/** `simul pstree PID`: the tasks as trees. */
internal class PstreeCommand(
    out: PrintStream,
) : SnapshotCommand("pstree", out) {
    override fun help(context: Context) = "Shows the tasks of a running JVM as trees: below each task, those that it awaits."

    override fun linesOf(loops: List<LoopSnapshot>) = TaskTree(width, stacks, palette).of(loops)

    override fun jsonOf(
        pid: Long,
        loops: List<LoopSnapshot>,
    ) = treeJsonOf(pid, loops)
}
