// SPDX-License-Identifier: Apache-2.0
@file:JvmName("Inspect")

package dev.simul.tools.inspect

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.CliktError
import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.core.parse
import com.github.ajalt.clikt.output.Localization
import com.github.ajalt.clikt.output.ParameterFormatter
import dev.simul.tools.inspect.top.TopCommand
import java.io.BufferedOutputStream
import java.io.FileDescriptor
import java.io.FileOutputStream
import java.io.PrintStream
import java.nio.charset.Charset

/** Runs `ps`, `pstree` or `top`, which the first of [arguments] names, and returns its exit status. What goes wrong is told in one line. */
internal fun inspect(vararg arguments: String): Int {
    val tool = arguments.first()
    val missing = NEEDED.find { ModuleLayer.boot().findModule(it).isEmpty }
    if (missing != null) {
        System.err.println("simul $tool: ${System.getProperty("java.home")} is no whole JDK, it lacks $missing: set JAVA_HOME to one.")
        return 1
    }
    val out = standardOutput()
    val status = commandOf(tool, out).statusOf(arguments.drop(1))
    out.flush()
    return status
}

private fun commandOf(
    tool: String,
    out: PrintStream,
): CliktCommand =
    when (tool) {
        "ps" -> SnapshotCommand.ps(out)
        "pstree" -> SnapshotCommand.pstree(out)
        else -> TopCommand(out)
    }

/** Runs this command. Messages may have words of the other process in them, so they are made printable. */
internal fun CliktCommand.statusOf(
    arguments: List<String>,
    err: PrintStream = System.err,
): Int {
    fun tell(what: String) = err.println("$commandName: ${printable(what)}")
    return try {
        parse(arguments)
        0
    } catch (e: UsageError) {
        tell("${e.formatMessage(English, Plainly).removeSuffix(".")}; '$commandName --help' tells the options.")
        USAGE
    } catch (e: Refusal) {
        tell(e.message.orEmpty())
        e.statusCode
    } catch (e: CliktError) {
        echoFormattedHelp(e)
        e.statusCode
    } catch (e: Throwable) {
        tell("it has failed (${e.javaClass.name}: ${e.oneLine()})")
        Why.FAILED.status
    }
}

/** In a locale that knows ASCII alone, a JVM would print question marks for the branches of a tree. */
private fun standardOutput(): PrintStream {
    val name = listOf("stdout.encoding", "sun.stdout.encoding", "native.encoding").firstNotNullOfOrNull { System.getProperty(it) }
    val charset = name?.let { Charset.forName(it) } ?: Charset.defaultCharset()
    val encoding = if (charset == Charsets.US_ASCII) Charsets.UTF_8 else charset
    return PrintStream(BufferedOutputStream(FileOutputStream(FileDescriptor.out)), false, encoding)
}

private object English : Localization

private object Plainly : ParameterFormatter {
    override fun formatOption(name: String): String = name

    override fun formatArgument(name: String): String = name

    override fun formatSubcommand(name: String): String = name
}

private val NEEDED = listOf("jdk.attach", "java.management.rmi")
private const val USAGE = 2
