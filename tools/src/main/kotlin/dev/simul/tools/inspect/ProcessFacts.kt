// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.name
import kotlin.io.path.readSymbolicLink
import kotlin.io.path.readText

/**
 * What can be known of a process without touching it. To attach to a JVM sends it a signal, which ends a process that is none, and makes a
 * JVM that does not let itself be attached to print its threads; so this comes first.
 *
 * What is null is not known, as all but the owner is without Linux's /proc.
 */
internal data class ProcessFacts(
    val pid: Long,
    val exists: Boolean = true,
    val owner: String? = null,
    val user: String? = null,
    val isStopped: Boolean = false,
    val isJvm: Boolean? = null,
    val listens: Boolean = false,
    val catchesSignal: Boolean? = null,
    val options: List<String> = emptyList(),
    val sharesNetwork: Boolean? = null,
) {
    /** Whether the signal would end it: it is about to begin or to end. With `-Xrs` it knows no signal, but listens from the beginning. */
    val wouldDie: Boolean get() = isJvm == true && catchesSignal == false && !listens

    val forbidsAttaching: Boolean get() = options.lastOrNull { it.endsWith("DisableAttachMechanism") } == "-XX:+DisableAttachMechanism"

    companion object {
        fun of(
            pid: Long,
            proc: Path = Path.of("/proc"),
        ): ProcessFacts {
            val handle = ProcessHandle.of(pid).filter { it.isAlive }
            if (handle.isEmpty) return ProcessFacts(pid, exists = false)
            val user = ProcessHandle.current().info().user().orElse(null)
            val facts = ProcessFacts(pid, owner = handle.get().info().user().orElse(null), user = user)
            return if (proc.resolve("self").exists()) facts.completedBy(proc) else facts
        }
    }
}

private fun ProcessFacts.completedBy(proc: Path): ProcessFacts {
    val own = proc.resolve("$pid")
    val status = textOf(own.resolve("status"))?.lines()?.associate { it.substringBefore(':') to it.substringAfter(':').trim() }.orEmpty()
    val state = status["State"].orEmpty().take(1)
    return copy(
        exists = state !in DEAD,
        isStopped = state in STOPPED,
        isJvm = textOf(own.resolve("maps"))?.let { maps -> "/libjvm.so" in maps },
        listens = own.resolve("root/tmp/.java_pid${status["NSpid"]?.split('\t')?.last() ?: pid}").isThere(),
        catchesSignal = status["SigCgt"]?.toULongOrNull(HEXADECIMAL)?.let { it shr (QUIT - 1) and 1u == 1uL },
        options = optionsIn(own),
        sharesNetwork = sameLink(own.resolve("ns/net"), proc.resolve("self/ns/net")),
    )
}

/** Of the command line, and of the variables by which JVMs take more; the last of two that contradict each other counts. */
private fun optionsIn(own: Path): List<String> {
    val environment = textOf(own.resolve("environ")).orEmpty().split('\u0000')
    val variables = listOf("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS").map { name -> environment.find { it.startsWith("$name=") }.orEmpty() }
    val more = environment.find { it.startsWith("_JAVA_OPTIONS=") }.orEmpty()
    val arguments = textOf(own.resolve("cmdline")).orEmpty().split('\u0000')
    return variables.flatMap { it.substringAfter('=').split(' ') } + arguments + more.substringAfter('=').split(' ')
}

private fun sameLink(
    one: Path,
    other: Path,
): Boolean? = orNull { one.readSymbolicLink().name == other.readSymbolicLink().name }

private fun textOf(file: Path): String? = orNull { file.readText(Charsets.ISO_8859_1) }

private fun Path.isThere(): Boolean = orNull { Files.exists(this) } ?: false

private fun <T> orNull(block: () -> T): T? =
    try {
        block()
    } catch (_: IOException) {
        null
    }

private const val HEXADECIMAL = 16
private const val QUIT = 3
private val DEAD = setOf("Z", "X")
private val STOPPED = setOf("T", "t")
