// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.loop.EventLoop
import dev.simul.loop.isKnownToBlock

/** What a loop does now. */
internal enum class Activity(
    val word: String,
) {
    RUNNING("running"),

    /** It waits in its selector. */
    IDLE("idle"),
    STOPPED("stopped"),
    ;

    companion object {
        /** That of [loop] now, by any thread. */
        fun of(loop: EventLoop): Activity =
            when {
                !loop.isRunning -> STOPPED
                loop.poller.isKnownToBlock -> IDLE
                else -> RUNNING
            }
    }
}

/** The name of the thread that runs it, or ran it last. */
internal val EventLoop.threadName: String get() = stacks.root?.thread?.name.orEmpty()
