// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.http.BodyWriter
import dev.simul.http.ClientResponse
import dev.simul.http.HttpVersion
import dev.simul.ktor.BodyReadChannel
import dev.simul.ktor.BodyWriteChannel
import dev.simul.ktor.ReceivedHeaders
import dev.simul.ktor.runInLoop
import dev.simul.loop.EventLoop
import dev.simul.loop.TimerHandle
import io.ktor.client.plugins.websocket.WEBSOCKETS_KEY
import io.ktor.client.request.ClientUpgradeContent
import io.ktor.client.request.HttpRequestData
import io.ktor.client.request.HttpResponseData
import io.ktor.client.request.ResponseAdapterAttributeKey
import io.ktor.http.HttpProtocolVersion
import io.ktor.http.HttpStatusCode
import io.ktor.util.date.GMTDate
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.InternalAPI
import io.ktor.websocket.RawWebSocket
import kotlinx.coroutines.CompletableJob
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Job
import kotlinx.coroutines.job
import java.io.IOException
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.seconds

/** Ktor's form of [response], in the loop's thread. */
@OptIn(InternalAPI::class)
internal fun responseData(
    loop: EventLoop,
    data: HttpRequestData,
    response: ClientResponse,
    began: GMTDate,
    failures: Failures,
    callContext: CoroutineContext,
): HttpResponseData {
    val headers = ReceivedHeaders(response.head.headers)
    val status = status(response)
    val body =
        if (response.writer == null) {
            val content = Reading(loop, response, failures).begin(callContext.job)
            data.attributes.getOrNull(ResponseAdapterAttributeKey)?.adapt(data, status, headers, content, data.body, callContext) ?: content
        } else {
            webSocket(loop, data, response, callContext)
        }
    return HttpResponseData(status, began, headers, version(response), body, callContext)
}

private fun status(response: ClientResponse): HttpStatusCode {
    val known = HttpStatusCode.fromValue(response.head.status)
    return if (known.description == response.head.reason) known else HttpStatusCode(response.head.status, response.head.reason)
}

private fun version(response: ClientResponse) =
    if (response.head.version == HttpVersion.HTTP_1_0) HttpProtocolVersion.HTTP_1_0 else HttpProtocolVersion.HTTP_1_1

/** A body while it is received: the call is not over before it is, and if the call is cancelled, so is the body, and the connection closed. */
private class Reading(
    private val loop: EventLoop,
    private val response: ClientResponse,
    failures: Failures,
) {
    private val channel = BodyReadChannel(response.body, loop, onCancel = { close() }, onEnd = { end() }, rename = failures::named)
    private var job: CompletableJob? = null

    /** What has come with the head is taken at once: for a small body that is all. */
    @OptIn(InternalCoroutinesApi::class)
    fun begin(call: Job): ByteReadChannel {
        channel.receiveNow()
        if (channel.closedCause != null || response.body.isDone) return channel
        val job = Job(call)
        this.job = job
        job.invokeOnCompletion(onCancelling = true) { cause -> if (cause != null) channel.cancel(cause) }
        return channel
    }

    private fun close() =
        loop.runInLoop {
            response.abort()
            end()
        }

    private fun end() {
        job?.complete()
    }
}

/** A session over what was a connection for HTTP. It ends with the call, and the connection with it. */
@OptIn(InternalAPI::class)
private fun webSocket(
    loop: EventLoop,
    data: HttpRequestData,
    response: ClientResponse,
    callContext: CoroutineContext,
): Any {
    if (data.body !is ClientUpgradeContent) {
        response.abort()
        throw IOException("${data.url} switched to another protocol, which the request did not ask for")
    }
    val input = BodyReadChannel(response.body, loop, onCancel = { loop.runInLoop(response::abort) })
    var patience: TimerHandle? = null
    val finish = { writer: BodyWriter ->
        patience = loop.callLater(PATIENCE) { response.abort() }
        writer.finish()
    }
    val output = BodyWriteChannel(response.writer!!, loop, onCancel = { loop.runInLoop(response::abort) }, finish = finish)
    callContext.job.invokeOnCompletion { cause ->
        loop.runInLoop { patience?.cancel() }
        val isSaid = cause == null || (output.closedCause == null && output.isClosedForWrite)
        loop.runInLoop { if (isSaid) response.close() else response.abort() }
    }
    val channels = data.attributes[WEBSOCKETS_KEY].channelsConfig
    return RawWebSocket(input, output, masking = true, coroutineContext = callContext + SessionDispatcher(loop), channelsConfig = channels)
}

/** For how long a server may say something after our last frame, if only that it has got it, before it ends the connection. */
private val PATIENCE = 10.seconds
