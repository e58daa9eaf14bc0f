// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.CurrentContext

private val current = ThreadLocal<EventLoop?>()

/**
 * The loop that is running in this thread.
 *
 * Source: `asyncio.get_running_loop()`.
 *
 * @throws IllegalStateException outside a running loop.
 */
public fun getRunningLoop(): EventLoop =
    getRunningLoopOrNull()
        ?: throw IllegalStateException("no running event loop: call this from a task or a callback, inside run { }")

/** The loop that is running in this thread, or null. Source: `asyncio._get_running_loop()`. */
public fun getRunningLoopOrNull(): EventLoop? = RunningLoop.latest?.takeIf { it.isInLoop } ?: RunningLoop.ofThread()

/**
 * The loop that is running in this thread, or else the one that was set for it with [setEventLoop].
 *
 * Source: `asyncio.get_event_loop()`.
 *
 * @throws IllegalStateException if there is neither.
 */
public fun getEventLoop(): EventLoop =
    getRunningLoopOrNull()
        ?: current.get()
        ?: throw IllegalStateException(
            "there is no current event loop in thread '${Thread.currentThread().name}': " +
                "work inside run { }, or call setEventLoop first",
        )

/** Makes [loop] the current loop of this thread while none is running; null unsets it. Source: `asyncio.set_event_loop()`. */
public fun setEventLoop(loop: EventLoop?) {
    current.set(loop)
}

/** A new loop on the machine's clock, which is not made current. Source: `asyncio.new_event_loop()`. */
public fun newEventLoop(): EventLoop = EventLoop()

/** How a thread finds the loop that it holds. */
internal object RunningLoop {
    /**
     * The loop that began to run last, in whatever thread; null if it has ended. It is nearly always the only one, and found faster than by
     * the thread. Other loops are found the longer way; so is this one by a thread that reads an old value.
     */
    @JvmField
    var latest: EventLoop? = null

    fun ofThread(): EventLoop? = (CurrentContext.currentOrNull() as? LoopContext)?.loop?.takeIf { it.isInLoop }

    fun began(loop: EventLoop) {
        latest = loop
    }

    fun ended(loop: EventLoop) {
        if (latest === loop) latest = null
    }
}

/** The context that is current in the thread that holds [loop]; by it a thread also knows that it holds the loop. */
internal class LoopContext(
    val loop: EventLoop,
) : CurrentContext() {
    override val bindingsToCopy get() = loop.carriers?.captured(bindings) ?: bindings
}
