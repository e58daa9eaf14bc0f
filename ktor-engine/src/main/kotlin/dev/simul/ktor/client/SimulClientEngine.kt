// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.createTask
import dev.simul.http.RequestOptions
import dev.simul.http.RequestOptions.Companion.DEFAULT
import dev.simul.ktor.simulatedLoop
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import io.ktor.client.engine.HttpClientEngineBase
import io.ktor.client.engine.HttpClientEngineCapability
import io.ktor.client.engine.callContext
import io.ktor.client.plugins.HttpTimeoutCapability
import io.ktor.client.plugins.HttpTimeoutConfig
import io.ktor.client.plugins.sse.SSECapability
import io.ktor.client.plugins.websocket.WebSocketCapability
import io.ktor.client.plugins.websocket.WebSocketExtensionsCapability
import io.ktor.client.request.HttpRequestData
import io.ktor.client.request.HttpResponseData
import io.ktor.client.request.UnixSocketCapability
import io.ktor.util.date.GMTDate
import io.ktor.utils.io.InternalAPI
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.job
import java.io.IOException
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** Makes requests for Ktor's client, each by a task of the loop that serves the caller. */
@OptIn(InternalAPI::class)
internal class SimulClientEngine(
    override val config: SimulClientConfig,
) : HttpClientEngineBase("simul") {
    private val ownLoop = OwnLoop()
    private val connectors = Connectors(config.connector, ownLoop)
    private val routes = Routes(config)

    override val dispatcher: CoroutineDispatcher = CallerDispatcher(ownLoop, simulatedLoop())

    override val supportedCapabilities: Set<HttpClientEngineCapability<*>> =
        setOf(HttpTimeoutCapability, WebSocketCapability, WebSocketExtensionsCapability, SSECapability, UnixSocketCapability)

    init {
        require(!config.pipelining) { "pipelining is true: Simul sends a request on a connection when the last one is answered" }
        require(config.dispatcher == null) { "dispatcher is ${config.dispatcher}: Simul's requests run on event loops" }
        coroutineContext.job.invokeOnCompletion { connectors.close() }
    }

    override suspend fun execute(data: HttpRequestData): HttpResponseData {
        val callContext = callContext()
        val loop = getRunningLoop()
        val request = loop.createTask(eagerStart = true) { request(loop, data, callContext) }
        return request.await()
    }

    private suspend fun request(
        loop: EventLoop,
        data: HttpRequestData,
        callContext: CoroutineContext,
    ): HttpResponseData {
        val began = GMTDate()
        val route = routes[data]
        val head = requestHead(data, route)
        val body = requestBody(loop, data)
        val failures = Failures(data, config)
        val response =
            try {
                connectors[loop].use { it.request(route, head, body, options(data)) }
            } catch (e: IOException) {
                throw failures.named(e)
            }
        return responseData(loop, data, response, began, failures, callContext)
    }

    private fun options(data: HttpRequestData): RequestOptions {
        val timeouts = data.getCapabilityOrNull(HttpTimeoutCapability) ?: return DEFAULT
        return RequestOptions(
            timeouts.connectTimeoutMillis.asDuration(),
            timeouts.socketTimeoutMillis.asDuration()?.takeIf { it.isFinite() },
        )
    }

    private fun Long?.asDuration(): Duration? = if (this == HttpTimeoutConfig.INFINITE_TIMEOUT_MS) Duration.INFINITE else this?.milliseconds

    override fun toString(): String = "Simul"
}
