// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.loop.EventLoop
import kotlin.concurrent.thread

/** The loop for requests that are made in other threads; it begins to run when it is first asked for. */
internal class OwnLoop {
    private var loop: EventLoop? = null
    private var isClosed = false

    /** The loop; null once it has ended, or if it was closed before it began. */
    @Synchronized
    fun getOrNull(): EventLoop? {
        loop?.let { return if (it.isClosed) null else it }
        return if (isClosed) null else EventLoop().also(::start)
    }

    private fun start(started: EventLoop) {
        loop = started
        thread(name = "simul-http", isDaemon = true) { started.use { it.runForever() } }
    }

    /** Begins no loop any more; returns the one that runs, which its user stops. */
    @Synchronized
    fun close(): EventLoop? {
        isClosed = true
        return loop?.takeUnless { it.isClosed }
    }
}
