// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.createTask
import dev.simul.dispatcher
import dev.simul.http.ClientResponse
import dev.simul.http.ConnectTimeoutException
import dev.simul.http.HttpVersion
import dev.simul.http.RequestOptions
import dev.simul.http.RequestOptions.Companion.DEFAULT
import dev.simul.ktor.BodyReadChannel
import dev.simul.ktor.BodyWriteChannel
import dev.simul.ktor.ReceivedHeaders
import dev.simul.ktor.runInLoop
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import io.ktor.client.engine.HttpClientEngineBase
import io.ktor.client.engine.HttpClientEngineCapability
import io.ktor.client.engine.callContext
import io.ktor.client.plugins.HttpTimeoutCapability
import io.ktor.client.plugins.HttpTimeoutConfig
import io.ktor.client.plugins.sse.SSECapability
import io.ktor.client.plugins.websocket.WEBSOCKETS_KEY
import io.ktor.client.plugins.websocket.WebSocketCapability
import io.ktor.client.plugins.websocket.WebSocketExtensionsCapability
import io.ktor.client.request.ClientUpgradeContent
import io.ktor.client.request.HttpRequestData
import io.ktor.client.request.HttpResponseData
import io.ktor.client.request.ResponseAdapterAttributeKey
import io.ktor.client.request.UnixSocketCapability
import io.ktor.http.HttpProtocolVersion
import io.ktor.http.HttpStatusCode
import io.ktor.util.date.GMTDate
import io.ktor.utils.io.InternalAPI
import io.ktor.websocket.RawWebSocket
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
    private val connectors = Connectors(config.connector)
    private val routes = Routes(config)

    override val dispatcher: CoroutineDispatcher = CallerDispatcher(ownLoop::get)

    override val supportedCapabilities: Set<HttpClientEngineCapability<*>> =
        setOf(HttpTimeoutCapability, WebSocketCapability, WebSocketExtensionsCapability, SSECapability, UnixSocketCapability)

    init {
        require(!config.pipelining) { "pipelining is true: Simul sends a request on a connection when the last one is answered" }
        require(config.dispatcher == null) { "dispatcher is ${config.dispatcher}: Simul's requests run on event loops" }
        coroutineContext.job.invokeOnCompletion {
            connectors.close()
            ownLoop.close()
        }
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
        val response =
            try {
                val head = requestHead(data)
                connectors[loop].request(routes[data], head, requestBody(loop, data), options(data))
            } catch (e: ConnectTimeoutException) {
                throw io.ktor.client.network.sockets.ConnectTimeoutException(e.message!!, e)
            }
        callContext.job.invokeOnCompletion { if (it != null) loop.runInLoop(response::close) }
        val headers = ReceivedHeaders(response.head.headers)
        val status = status(response)
        val body = body(loop, data, response, status, headers, callContext)
        return HttpResponseData(status, began, headers, version(response), body, callContext)
    }

    private fun options(data: HttpRequestData): RequestOptions {
        val timeouts = data.getCapabilityOrNull(HttpTimeoutCapability) ?: return DEFAULT
        return RequestOptions(timeouts.connectTimeoutMillis.asDuration(), timeouts.socketTimeoutMillis.asDuration()?.takeIf { it.isFinite() })
    }

    private fun Long?.asDuration(): Duration? =
        if (this == HttpTimeoutConfig.INFINITE_TIMEOUT_MS) Duration.INFINITE else this?.milliseconds

    private fun status(response: ClientResponse): HttpStatusCode {
        val known = HttpStatusCode.fromValue(response.head.status)
        return if (known.description == response.head.reason) known else HttpStatusCode(response.head.status, response.head.reason)
    }

    private fun version(response: ClientResponse) =
        if (response.head.version == HttpVersion.HTTP_1_0) HttpProtocolVersion.HTTP_1_0 else HttpProtocolVersion.HTTP_1_1

    private fun body(
        loop: EventLoop,
        data: HttpRequestData,
        response: ClientResponse,
        status: HttpStatusCode,
        headers: ReceivedHeaders,
        callContext: CoroutineContext,
    ): Any {
        val input = BodyReadChannel(response.body, loop) { loop.runInLoop(response::close) }
        val writer = response.writer
        if (writer == null) {
            return data.attributes.getOrNull(ResponseAdapterAttributeKey)
                ?.adapt(data, status, headers, input, data.body, callContext)
                ?: input
        }
        if (data.body !is ClientUpgradeContent) {
            response.close()
            throw IOException("${data.url} switched to another protocol, which the request did not ask for")
        }
        val output = BodyWriteChannel(writer, loop, onFinish = response::close) { loop.runInLoop(response::close) }
        val channels = data.attributes[WEBSOCKETS_KEY].channelsConfig
        return RawWebSocket(input, output, masking = true, coroutineContext = callContext + loop.dispatcher, channelsConfig = channels)
    }

    override fun toString(): String = "Simul"
}
