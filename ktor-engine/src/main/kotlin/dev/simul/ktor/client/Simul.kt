// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import io.ktor.client.HttpClientEngineContainer
import io.ktor.client.engine.HttpClientEngine
import io.ktor.client.engine.HttpClientEngineFactory

/**
 * Ktor's client on the event loop.
 *
 * ```
 * val client = HttpClient(Simul) { engine { connector = HttpConnectorOptions(limit = 1_000) } }
 * ```
 *
 * A request that is made on a loop, by a task or by a coroutine on its dispatcher, is served by that loop, with connections of its own.
 * One that is made in another thread is served by a loop of the engine's, in a daemon thread that the first such request starts. Closing
 * the client closes the connections of all loops, and ends that thread, once no request uses them.
 *
 * Bodies are streamed in both directions, and may be read and written in any thread; whoever reads slowly makes the server wait. The code of
 * a body that is written (`OutgoingContent.WriteChannelContent.writeTo`) runs in the loop's thread: like a callback, it must not block.
 *
 * If the caller is cancelled, or a time limit of `HttpTimeout` expires, the connection is closed at once. A request is repeated, once, only
 * if a kept connection was closed before anything of the response came, and the method is idempotent.
 *
 * A malformed response is a [dev.simul.http.HttpException], a proxy's refusal a [dev.simul.http.ProxyException]; time limits have Ktor's own
 * exceptions. HTTP/2, pipelining and SOCKS proxies are not supported.
 */
public object Simul : HttpClientEngineFactory<SimulClientConfig> {
    override fun create(block: SimulClientConfig.() -> Unit): HttpClientEngine = SimulClientEngine(SimulClientConfig().apply(block))

    override fun toString(): String = "Simul"
}

/** Lets `HttpClient()` find the engine. */
internal class SimulClientContainer : HttpClientEngineContainer {
    override val factory: HttpClientEngineFactory<*> get() = Simul

    override fun toString(): String = "Simul"
}
