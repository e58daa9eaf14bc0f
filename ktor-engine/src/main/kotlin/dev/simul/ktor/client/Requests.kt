// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.http.BodyWriter
import dev.simul.http.Headers
import dev.simul.http.HttpRoute
import dev.simul.http.RequestBody
import dev.simul.http.RequestHead
import dev.simul.ktor.BodyWriteChannel
import dev.simul.loop.EventLoop
import io.ktor.client.call.UnsupportedContentTypeException
import io.ktor.client.engine.mergeHeaders
import io.ktor.client.request.HttpRequestData
import io.ktor.http.HttpHeaders
import io.ktor.http.Url
import io.ktor.http.content.OutgoingContent
import io.ktor.http.fullPath
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.InternalAPI
import kotlinx.coroutines.CancellationException

/** The head of Ktor's request. How long the body is says the connector. */
@OptIn(InternalAPI::class)
internal fun requestHead(
    data: HttpRequestData,
    route: HttpRoute,
): RequestHead {
    val headers = Headers.Builder()
    val content = data.body
    val isEmpty = content.unwrapped() is OutgoingContent.NoContent
    if (HttpHeaders.Host !in data.headers) headers.add(HttpHeaders.Host, data.url.hostField())
    mergeHeaders(data.headers, content) { name, value ->
        val isUseless = isEmpty && name.equals(HttpHeaders.Expect, ignoreCase = true)
        val isForProxy = route.proxy != null && name.equals(HttpHeaders.ProxyAuthorization, ignoreCase = true)
        if (!isOfConnector(name) && !isUseless && !isForProxy) headers.add(name, value)
    }
    return RequestHead(data.method.value, data.url.target(), headers.build())
}

/** Whether the connector adds the field of this name itself. */
private fun isOfConnector(name: String) =
    name.equals(HttpHeaders.ContentLength, ignoreCase = true) || name.equals(HttpHeaders.TransferEncoding, ignoreCase = true)

/** Ktor's own path and query are empty if there is no slash before the query. */
private fun Url.target() = if (rawSegments.isEmpty()) "/$fullPath" else encodedPathAndQuery

private fun Url.hostField() = if (port == protocol.defaultPort) host else "$host:$port"

private tailrec fun OutgoingContent.unwrapped(): OutgoingContent =
    if (this is OutgoingContent.ContentWrapper) delegate().unwrapped() else this

/** The body of Ktor's request. */
internal fun requestBody(
    loop: EventLoop,
    data: HttpRequestData,
): RequestBody {
    val content = data.body
    return when (val inner = content.unwrapped()) {
        is OutgoingContent.NoContent -> RequestBody.EMPTY
        is OutgoingContent.ByteArrayContent -> RequestBody.of(inner.bytes())
        is OutgoingContent.ReadChannelContent -> StreamedBody(loop, content, data.contentLength()) { inner.readFrom().sendTo(it) }
        is OutgoingContent.WriteChannelContent -> StreamedBody(loop, content, data.contentLength()) { inner.writeTo(it) }
        else -> throw UnsupportedContentTypeException(content)
    }
}

private fun HttpRequestData.contentLength(): Long? = body.contentLength ?: headers[HttpHeaders.ContentLength]?.toLong()

/** Sends what comes until the end: a source that fails must not look like one that ends. */
@OptIn(InternalAPI::class)
private suspend fun ByteReadChannel.sendTo(channel: BodyWriteChannel) {
    try {
        while (awaitContent()) {
            readBuffer.transferTo(channel.writeBuffer)
            channel.flush()
        }
        closedCause?.let { throw it }
    } catch (e: Throwable) {
        // Ktor takes exceptions that do not let themselves be copied for none.
        cancel(if (e is CancellationException) CancellationException(e.message, e) else e)
        throw e
    }
}

private class StreamedBody(
    private val loop: EventLoop,
    private val content: OutgoingContent,
    override val length: Long?,
    private val write: suspend (BodyWriteChannel) -> Unit,
) : RequestBody() {
    override suspend fun writeTo(writer: BodyWriter) {
        val channel = BodyWriteChannel(writer, loop, { if (length == null) trailers() else Headers.EMPTY })
        write(channel)
        channel.flushAndClose()
        channel.closedCause?.let { throw it }
    }

    override fun trailers(): Headers {
        val trailers = content.trailers() ?: return Headers.EMPTY
        val builder = Headers.Builder()
        trailers.forEach { name, values -> values.forEach { builder.add(name, it) } }
        return builder.build()
    }
}
