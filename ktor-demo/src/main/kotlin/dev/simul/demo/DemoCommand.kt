// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import com.github.ajalt.clikt.core.CliktCommand
import com.github.ajalt.clikt.core.CliktError
import com.github.ajalt.clikt.core.ProgramResult
import com.github.ajalt.clikt.core.UsageError
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.KeyboardInterrupt

/**
 * A demo. What goes wrong in it is told in one line, with a stack trace for those alone who ask for one, and the exit status
 * is 1 then; after Ctrl-C it is 130, as in a shell.
 */
internal abstract class DemoCommand(
    name: String,
) : CliktCommand(name) {
    private val debug by option().help("Show the stack trace of what goes wrong.").flag()

    /** Does what the command is for. It throws a [Failure] where the user can do something about it. */
    protected abstract fun perform()

    /** Says that the command was called in a way that it cannot be: [message] tells which, and how else. */
    protected fun misused(message: String): Nothing = throw UsageError(message).also { it.context = currentContext }

    final override fun run() {
        try {
            perform()
        } catch (e: CliktError) {
            throw e
        } catch (e: KeyboardInterrupt) {
            throw ProgramResult(INTERRUPTED)
        } catch (e: Exception) {
            throw CliktError("Error: ${if (debug) e.stackTraceToString() else reason(e)}", e)
        }
    }

    private fun reason(failure: Exception): String {
        val first = (failure as? ExceptionGroup)?.leaves?.first() ?: failure
        return oneLine(first.message ?: first.toString())
    }
}

/** Something that the user can mend; [message] names the value that is wrong, and the remedy. */
internal class Failure(
    message: String,
    cause: Throwable? = null,
) : Exception(message, cause) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

private const val INTERRUPTED = 130
