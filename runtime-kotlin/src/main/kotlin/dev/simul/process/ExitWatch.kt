// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import dev.simul.loop.DaemonThreads
import dev.simul.loop.EventLoop
import dev.simul.loop.News
import dev.simul.loop.startingThread
import dev.simul.loop.surely

/**
 * Calls [exited], as a callback of the loop, with the exit value of [process]. A thread of its own, a daemon with a small stack, waits for
 * that. `Process.onExit` also needs a thread, but only when the process has ended, and does not report if there is none then.
 *
 * Source: `ThreadedChildWatcher` of CPython's `asyncio/unix_events.py`.
 */
internal class ExitWatch(
    loop: EventLoop,
    private val process: java.lang.Process,
    private val exited: (Int) -> Unit,
) : News(loop) {
    private val context = loop.copyCurrentContext()
    private var isHeard = false

    /** @throws IllegalStateException if no thread can be started for it. */
    fun start() = startingThread { threads.newThread(::waitForExit).start() }

    private fun waitForExit() {
        process.waitUninterruptibly()
        surely { tell() }
    }

    override fun hear() {
        if (isHeard) return
        isHeard = true
        context.run { exited(process.exitValue()) }
    }

    private companion object {
        val threads = DaemonThreads("simul-waitpid-", stackSize = 256L * 1024)
    }
}
