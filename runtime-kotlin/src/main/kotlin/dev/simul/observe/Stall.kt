// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Task
import dev.simul.bodies.Body
import dev.simul.bodies.nameThread
import dev.simul.loop.EventLoop
import kotlin.time.Duration

/**
 * What is known of a step that holds its loop: what another thread could read of it while it ran.
 *
 * @property holder whose step it is, as the beginning of a sentence.
 * @property report what to log.
 */
internal class Stall private constructor(
    val holder: String,
    val report: String,
) {
    companion object {
        /** Null if no thread holds [loop]. */
        fun of(
            loop: EventLoop,
            task: Task<*>?,
            held: Duration,
        ): Stall? {
            val thread = loop.stacks.thread ?: return null
            val stack = thread.stackTrace.asList()
            (loop.stacks.holder as? Body<*>)?.nameThread()
            val holder = if (task == null) "A callback" else "Task '${task.name}'"
            val until = if (task == null) "it ends" else "it awaits or ends"
            val text = CallGraphText()
            text.add("$holder has held its event loop for $held, in thread '${thread.name}'; no other task can continue before $until.")
            val obstacle = Obstacle.of(thread, loop)
            if (obstacle != null) text.add(obstacle.description)
            withClassLoaderOf(loop) {
                if (task == null) text.addStack(CallStack.ofCallback(stack)) else text.add(BriefCallGraph().of(task, stack))
                obstacle?.owner?.task?.let { text.add(BriefCallGraph().of(it, null)) }
            }
            return Stall(holder, text.toString().lines().joinToString("\n") { it.take(MOST_LETTERS) })
        }

        /** By which the frames of the facade are told from those of the program. */
        private inline fun withClassLoaderOf(
            loop: EventLoop,
            block: () -> Unit,
        ) {
            val thread = Thread.currentThread()
            val own = thread.contextClassLoader
            thread.contextClassLoader = loop.contextClassLoader
            try {
                block()
            } finally {
                thread.contextClassLoader = own
            }
        }

        /** Of a line: what a task waits for describes itself, perhaps at length. */
        private const val MOST_LETTERS = 1_000
    }
}
