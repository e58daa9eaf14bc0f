// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.ktor.runInLoop
import dev.simul.loop.EventLoop
import kotlin.concurrent.thread

/** The loop for requests that are made in other threads; it begins to run when it is first asked for. */
internal class OwnLoop {
    private var loop: EventLoop? = null
    private var isClosed = false

    @Synchronized
    fun get(): EventLoop {
        check(!isClosed) { "the client is closed" }
        return loop ?: EventLoop().also { started ->
            loop = started
            thread(name = "simul-http", isDaemon = true) { started.use { it.runForever() } }
        }
    }

    /** Stops the loop, if it runs; there are no requests left. */
    @Synchronized
    fun close() {
        isClosed = true
        loop?.let { it.runInLoop { it.stop() } }
    }
}
