// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.ktor.runInLoop
import dev.simul.loop.EventLoop
import dev.simul.loop.addCloseCallback
import java.util.concurrent.ConcurrentHashMap

/** The connectors of an engine, one for each loop. */
internal class Connectors(
    private val options: HttpConnectorOptions,
) {
    private val all = ConcurrentHashMap<EventLoop, HttpConnector>()

    @Volatile
    private var latest: HttpConnector? = null

    @Volatile
    private var isClosed = false

    /** The connector of the loop that runs in this thread, [loop]. */
    operator fun get(loop: EventLoop): HttpConnector {
        latest?.let { if (it.loop === loop) return it }
        val connector = all[loop] ?: create(loop)
        latest = connector
        return connector
    }

    private fun create(loop: EventLoop): HttpConnector {
        val connector = HttpConnector(loop, options)
        all[loop] = connector
        loop.addCloseCallback { forget(loop, connector) }
        if (isClosed) connector.close()
        return connector
    }

    private fun forget(
        loop: EventLoop,
        connector: HttpConnector,
    ) {
        all.remove(loop)
        if (latest === connector) latest = null
    }

    /** Closes them, each in its loop's thread. */
    fun close() {
        isClosed = true
        for ((loop, connector) in all) loop.runInLoop { connector.close() }
    }
}
