// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * Runs [block], which starts a thread. If the system has no more threads, only the caller fails: the program's memory is intact.
 *
 * Source: `RuntimeError: can't start new thread`.
 *
 * @throws IllegalStateException if no thread can be started now.
 */
internal inline fun <R> startingThread(block: () -> R): R =
    try {
        block()
    } catch (e: OutOfMemoryError) {
        throw if (e.isWantOfThreads) outOfThreads(e) else e
    }

/** Whether this is what the JVM throws when the system refuses a thread, by the messages of HotSpot and of OpenJ9. */
internal val Throwable.isWantOfThreads: Boolean
    get() = this is OutOfMemoryError && message.orEmpty().let { "native thread" in it || "create a thread" in it }

internal fun outOfThreads(cause: OutOfMemoryError): IllegalStateException =
    IllegalStateException(
        "can't start new thread, the system allows no more: run less at once, by a Semaphore say, give threads smaller stacks (-Xss), " +
            "carry bodies on virtual threads (JDK 21 or newer), or raise the limit (ulimit -u and -v, a container's pids and memory)",
        cause,
    )
