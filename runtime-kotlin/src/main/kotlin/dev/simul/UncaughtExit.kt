// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.exceptions.SystemExit
import kotlin.system.exitProcess

/** The exit status of a program that the user interrupted, as shells report it: 128 plus the number of the signal. */
private const val INTERRUPTED = 130

/** Whether the calling thread is the one that runs the program's `main`. */
internal val isMainThread: Boolean get() = Thread.currentThread().name == "main"

/**
 * Ends the program when an exception leaves its `main` uncaught: with the code of a [SystemExit], or with a stack trace and 130 for a
 * [KeyboardInterrupt].
 *
 * It replaces only the JVM's own treatment, which exits with 1 after waiting for other threads.
 */
internal object UncaughtExit : Thread.UncaughtExceptionHandler {
    /** Installs this for exceptions that the calling thread does not catch, if that is the main thread and has no other handler. */
    fun expect() {
        val thread = Thread.currentThread()
        val isWanted = Thread.getDefaultUncaughtExceptionHandler() != null || thread.uncaughtExceptionHandler !== thread.threadGroup
        if (isMainThread && !isWanted) thread.uncaughtExceptionHandler = this
    }

    override fun uncaughtException(
        thread: Thread,
        exception: Throwable,
    ) {
        if (exception is SystemExit) exitProcess(exception.code)
        thread.threadGroup.uncaughtException(thread, exception)
        if (exception is KeyboardInterrupt) exitProcess(INTERRUPTED)
    }
}
