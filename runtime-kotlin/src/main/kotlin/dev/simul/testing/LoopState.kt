// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing

import dev.simul.LiveGenerators
import dev.simul.allTasks
import dev.simul.loop.EventLoop
import dev.simul.loop.NioPoller
import dev.simul.loop.PollerInFront
import dev.simul.loop.Timer
import dev.simul.transports.OpenTransports
import kotlin.time.Duration.Companion.nanoseconds

/** The objects that a loop, and the process, hold for a program while the loop is open. */
internal class LoopState private constructor(
    private val things: List<Thing>,
) {
    /** Describes the objects that are here and were not there [before]. */
    fun since(before: LoopState): List<String> = things.filterNot { new -> before.things.any { it.isSame(new) } }.map { it.description }

    private class Thing(
        private val identity: Any,
        val description: String,
    ) {
        fun isSame(other: Thing) = identity === other.identity || (identity is Long && identity == other.identity)
    }

    companion object {
        fun of(loop: EventLoop): LoopState =
            LoopState(
                allTasks(loop).map { Thing(it, "a task is not done: $it") } +
                    loop.pendingTimers.map { Thing(it, "a timer is pending: ${describe(it, loop)}") } +
                    OpenTransports[loop].all.map { Thing(it, "it is open: $it") } +
                    channels(loop).map { Thing(it, "a channel is still watched: $it") } +
                    LiveGenerators[loop].all.map { Thing(it, "an asynchronous generator is not closed: ${it.generator}") } +
                    children().map { Thing(it, "a child process is running: pid $it") },
            )

        private fun describe(
            timer: Timer,
            loop: EventLoop,
        ) = "due in ${(timer.deadlineNanos - loop.nanoTime()).nanoseconds}, $timer"

        private fun channels(loop: EventLoop) =
            when (val poller = (loop.poller as? PollerInFront)?.behind ?: loop.poller) {
                is NioPoller -> poller
                else -> (poller as VirtualClock).poller
            }.watchedByUsers

        private fun children(): List<Long> = ProcessHandle.current().children().map { it.pid() }.toList()
    }
}
