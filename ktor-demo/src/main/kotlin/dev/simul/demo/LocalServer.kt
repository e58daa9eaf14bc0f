// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import dev.simul.AsyncCloseable
import dev.simul.loop.EventLoop
import io.ktor.server.application.Application
import io.ktor.server.application.serverConfig
import io.ktor.server.engine.applicationEnvironment
import kotlinx.coroutines.CoroutineExceptionHandler

/**
 * A web server that only this machine can reach, unless it is told otherwise.
 *
 * @param host the name or the address of this machine that it listens at.
 * @param port where it listens; 0 is any port that is free.
 * @param loop the loop that it runs on. If it is null, it runs on one of its own, in another thread: for its clients it is as far away as
 *   any other server. With [Engine.CIO] it always lives in other threads.
 */
internal class LocalServer(
    private val host: String = LOOPBACK,
    port: Int = 0,
    engine: Engine = Engine.SIMUL,
    loop: EventLoop? = null,
    module: Application.() -> Unit,
) : AsyncCloseable {
    private val server =
        engine.server(
            serverConfig(applicationEnvironment()) {
                // Who starts it hears of what goes wrong; without this a thread of CIO's would print it as well.
                parentCoroutineContext = CoroutineExceptionHandler { _, _ -> }
                module(module)
            },
            host,
            port,
            loop,
        )

    /** Starts to listen, and returns what URLs begin with: `http://127.0.0.1:40961`. What goes wrong comes as it is, or as a cause. */
    suspend fun start(): String {
        server.startSuspend()
        return "http://$host:${server.engine.resolvedConnectors().single().port}"
    }

    /** Stops; requests still in flight are cut off. */
    override suspend fun aclose() = server.stopSuspend(gracePeriodMillis = 0, timeoutMillis = 500)
}
