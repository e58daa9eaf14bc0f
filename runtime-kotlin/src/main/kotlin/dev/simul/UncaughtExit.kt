// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.exceptions.SystemExit
import kotlin.system.exitProcess

/** That of a program which was interrupted by the user, as shells give it: 128 and the number of the signal. */
private const val INTERRUPTED = 130

/** Whether the calling thread is the one that runs the program's `main`. */
internal val isMainThread: Boolean get() = Thread.currentThread().name == "main"

/**
 * What leaves the program's `main` uncaught ends the program: a [SystemExit] with its code, a [KeyboardInterrupt] with a stack
 * trace and 130.
 *
 * It takes the place of the JVM's own treatment alone, which gives 1 and waits for other threads.
 */
internal object UncaughtExit : Thread.UncaughtExceptionHandler {
    /** Has it treat what the calling thread does not catch, if that is the main one and nobody else wants to. */
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
