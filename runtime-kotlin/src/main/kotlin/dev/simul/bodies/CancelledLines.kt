// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.TaskStep
import dev.simul.loop.EventLoop
import dev.simul.loop.LibraryCode
import dev.simul.loop.LoopLocal

/** Tells the ledger of the task of [step] in which line of this body its cancellation is thrown now. */
internal fun noteCancelled(step: TaskStep<*>) {
    val request = step.lastCancelRequest ?: return
    if (StackLooks[step.loop].mayLook()) lineOfUser()?.let(request::placeAt)
}

/** To look at a stack takes microseconds, which is much if many bodies are cancelled at once: this allows for a hundred in a second. */
private class StackLooks {
    private var left = 0
    private var since = 0L

    fun mayLook(): Boolean {
        val now = System.nanoTime()
        if (left == 0 && now - since < NANOS_PER_SECOND) return false
        if (now - since >= NANOS_PER_SECOND) {
            since = now
            left = LOOKS_PER_SECOND
        }
        left--
        return true
    }

    companion object {
        private const val LOOKS_PER_SECOND = 100
        private const val NANOS_PER_SECOND = 1_000_000_000L
        private val of = LoopLocal { StackLooks() }

        operator fun get(loop: EventLoop): StackLooks = of[loop]
    }
}

/** The innermost line of this thread's stack that is not in this library. */
private fun lineOfUser(): StackTraceElement? =
    StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE).walk { frames ->
        frames
            .limit(MOST_FRAMES)
            .filter { !LibraryCode.contains(it.declaringClass) }
            .findFirst()
            .map { it.toStackTraceElement() }
            .orElse(null)
    }

private const val MOST_FRAMES = 32L
