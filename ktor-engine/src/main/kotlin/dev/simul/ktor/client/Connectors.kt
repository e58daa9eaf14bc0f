// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.http.HttpConnectorOptions
import dev.simul.ktor.runInLoop
import dev.simul.loop.EventLoop
import java.util.Collections

/** What an engine has in each loop. */
internal class Connectors(
    private val options: HttpConnectorOptions,
    private val own: OwnLoop,
) {
    /** In the order in which they were made. */
    private val all = Collections.synchronizedMap(LinkedHashMap<EventLoop, LoopConnector>())

    @Volatile
    private var latest: LoopConnector? = null

    @Volatile
    private var isClosed = false

    /** What there is in [loop], which runs in this thread. */
    operator fun get(loop: EventLoop): LoopConnector {
        latest?.let { if (it.loop === loop) return it }
        val connector = all[loop] ?: create(loop)
        latest = connector
        return connector
    }

    private fun create(loop: EventLoop): LoopConnector {
        val connector = LoopConnector(loop, options, ::forget)
        all[loop] = connector
        if (isClosed) connector.close()
        return connector
    }

    private fun forget(connector: LoopConnector) {
        all.remove(connector.loop)
        if (latest === connector) latest = null
    }

    /** Closes them once their requests are over, each in its loop's thread; the engine's own loop ends then. */
    fun close() {
        isClosed = true
        val ownLoop = own.close()
        ownLoop?.runInLoop { get(ownLoop).whenClosed { ownLoop.stop() } }
        val open = synchronized(all) { all.values.toList() }
        for (connector in open) connector.loop.runInLoop { connector.close() }
    }
}
