// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.loop.EventLoop
import dev.simul.loop.ThreadsAsNew
import java.util.concurrent.Executor

/** The platform threads of bodies. */
internal object BodyThreads : Executor by ThreadsAsNew("$BODY_THREAD-")

/** How the names of all threads of bodies begin; those of a pool have a number. */
internal const val BODY_THREAD = "simul-body"

/**
 * Adds the names of their tasks to those of the threads that carry the bodies of [loop]: of those that wait, and of the one that runs.
 *
 * A body does not do so itself: that would cost each one a text, and a platform thread a system call. Any thread may call this. A thread
 * that users have named otherwise is left alone; a pool's thread gets its own name back when its body ends.
 */
internal fun nameThreadsOfBodies(loop: EventLoop) {
    Body.waitingOn(loop).forEach { it.nameThread() }
    (loop.stacks.holder as? Body<*>)?.nameThread()
}

/** As [nameThreadsOfBodies], for one body. */
internal fun Body<*>.nameThread() {
    val thread = thread ?: return
    val task = task ?: return
    val before = thread.name
    if (!before.startsWith(BODY_THREAD)) return
    val own = before.substringBefore(' ')
    val name = "$own ${task.name}"
    if (before != name) thread.name = name
    if (hasEnded) thread.name = own
}
