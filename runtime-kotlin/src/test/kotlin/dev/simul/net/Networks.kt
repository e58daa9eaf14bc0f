// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.network.MemoryNetwork
import dev.simul.waitFor
import io.kotest.matchers.collections.shouldBeEmpty
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** The networks that a test can have its sockets on. */
internal enum class Networks {
    /** The system's, in real time. */
    REAL {
        override fun onLoop(body: suspend EventLoop.() -> Unit) = onSockets(body = body)
    },

    /** A [MemoryNetwork], on virtual time; no socket may be left. */
    MEMORY {
        override fun onLoop(body: suspend EventLoop.() -> Unit) {
            val network = MemoryNetwork()
            runLoop(loopFactory = { VirtualClock(selectorProvider = network).newLoop() }) {
                waitFor(60.seconds) { getRunningLoop().body() }
            }
            network.openChannels.shouldBeEmpty()
        }
    }, ;

    /** Runs [body] on a loop, for a minute at most. */
    abstract fun onLoop(body: suspend EventLoop.() -> Unit)
}
