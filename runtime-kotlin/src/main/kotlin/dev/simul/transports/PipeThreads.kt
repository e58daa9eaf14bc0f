// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.loop.DaemonThreads
import dev.simul.loop.startingThread
import java.io.Closeable
import java.util.concurrent.SynchronousQueue
import java.util.concurrent.ThreadPoolExecutor
import java.util.concurrent.TimeUnit

/** The threads that block in streams: one for each such wait, daemons that end after a second without work. */
internal object PipeThreads :
    ThreadPoolExecutor(0, Int.MAX_VALUE, 1, TimeUnit.SECONDS, SynchronousQueue(), DaemonThreads("simul-pipe-")) {
    /** @throws IllegalStateException if no thread can be started for it. */
    override fun execute(work: Runnable) = startingThread { super.execute(work) }

    /** Closes [pipe], which may block, in a thread. Returns false if there is no thread for that. */
    fun close(pipe: Closeable): Boolean =
        try {
            execute { runCatching { pipe.close() } }
            true
        } catch (_: IllegalStateException) {
            false
        }
}
