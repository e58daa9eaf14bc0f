// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.sun.tools.attach.VirtualMachine

/** The JVMs of this user, and how to look into one by [command]. None is asked whether it runs a loop, since that would start its agent. */
internal fun jvmLines(command: String): List<String> {
    val own = "${ProcessHandle.current().pid()}"
    return jvmLines(command, VirtualMachine.list().filter { it.id() != own }.map { it.id() to it.displayName() })
}

internal fun jvmLines(
    command: String,
    jvms: List<Pair<String, String>>,
): List<String> {
    if (jvms.isEmpty()) return listOf("No other JVM of this user runs on this machine.")
    val columns = listOf(Column("PID", isNumber = true), Column("main class"))
    val rows = jvms.sortedBy { it.first.toLongOrNull() }.map { (id, name) -> listOf(id, printable(name).ifBlank { "?" }) }
    val widths = widthsOf(columns, rows, null)
    return (listOf(columns.map { it.title }) + rows).map { lineOf(columns, it, widths) } +
        listOf("", "'$command PID' looks into one of these JVMs, and says so if it runs no event loop.")
}
