// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.createTask
import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.loop.EventLoop
import dev.simul.loop.addCloseCallback

/**
 * What an engine has in one loop: a connector, which is closed when the engine is and no request is under way. Used in the loop's thread.
 *
 * @param onForget called when the connector or the loop is closed.
 */
internal class LoopConnector(
    val loop: EventLoop,
    options: HttpConnectorOptions,
    private val onForget: (LoopConnector) -> Unit,
) {
    val connector = HttpConnector(loop, options)
    private val ofLoop = loop.addCloseCallback { onForget(this) }
    private var requests = 0
    private var isClosing = false

    /** Makes a request, for which the connector stays open. */
    suspend inline fun <T> use(request: (HttpConnector) -> T): T {
        requests++
        try {
            return request(connector)
        } finally {
            requests--
            if (isClosing && requests == 0) end()
        }
    }

    fun close() {
        isClosing = true
        if (requests == 0) end()
    }

    private fun end() {
        connector.close()
        ofLoop.cancel()
        onForget(this)
    }

    /** Calls [block] once the connector is closed and its last connection is. */
    fun whenClosed(block: () -> Unit) {
        loop.createTask {
            connector.waitClosed()
            block()
        }
    }
}
