// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import io.ktor.client.engine.HttpClientEngine
import io.ktor.client.engine.HttpClientEngineBase
import io.ktor.client.engine.HttpClientEngineConfig
import io.ktor.client.engine.callContext
import io.ktor.client.engine.mergeHeaders
import io.ktor.client.request.HttpRequestData
import io.ktor.client.request.HttpResponseData
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpMethod
import io.ktor.http.HttpProtocolVersion
import io.ktor.http.HttpStatusCode
import io.ktor.http.Url
import io.ktor.http.cio.ConnectionOptions
import io.ktor.http.cio.RequestResponseBuilder
import io.ktor.http.cio.Response
import io.ktor.http.cio.parseHttpBody
import io.ktor.http.cio.parseResponse
import io.ktor.http.content.OutgoingContent
import io.ktor.http.fullPath
import io.ktor.http.headers
import io.ktor.http.hostWithPort
import io.ktor.http.isSecure
import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.Connection
import io.ktor.network.sockets.InetSocketAddress
import io.ktor.network.sockets.aSocket
import io.ktor.network.sockets.connection
import io.ktor.network.tls.tls
import io.ktor.util.date.GMTDate
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.InternalAPI
import io.ktor.utils.io.exhausted
import io.ktor.utils.io.readByte
import io.ktor.utils.io.writePacket
import io.ktor.utils.io.writer
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.job
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.withContext
import kotlinx.io.Buffer
import java.io.EOFException
import java.io.IOException
import java.net.Proxy
import java.net.ProxySelector
import java.net.URI
import kotlin.coroutines.CoroutineContext

/** As many bytes as the head of an answer may have, all that precede its body. */
internal const val LONGEST_HEAD = 64 * 1024

/**
 * Ktor's engine CIO for requests without a body, with a bound that it has not: an answer's head may be [LONGEST_HEAD] bytes long. So a
 * server that sends headers without end fails its own request, and not all others by filling the memory.
 *
 * @param connections how many it has at once.
 * @param beyondProxies the engine for what a proxy of this machine is to be asked for.
 */
@OptIn(InternalAPI::class)
internal class BoundedEngine(
    connections: Int,
    private val beyondProxies: HttpClientEngine,
) : HttpClientEngineBase("simul-demo") {
    override val config = HttpClientEngineConfig()
    private val selector = SelectorManager(dispatcher)
    private val permits = Semaphore(connections)

    init {
        coroutineContext.job.invokeOnCompletion { selector.close() }
    }

    override fun close() {
        super.close()
        beyondProxies.close()
    }

    override suspend fun execute(data: HttpRequestData): HttpResponseData {
        if (isProxied(data.url)) return beyondProxies.execute(data)
        require(data.body is OutgoingContent.NoContent) { "a request with a body, ${data.method} ${data.url}" }
        val call = callContext()
        val began = GMTDate()
        permits.acquire()
        call.job.invokeOnCompletion { permits.release() }
        val connection = connect(data.url, call)
        return withContext(call) {
            connection.output.writeHead(data)
            answer(data, began, call, connection.input)
        }
    }

    private suspend fun connect(
        url: Url,
        call: CoroutineContext,
    ): Connection {
        val socket = aSocket(selector).tcp().connect(InetSocketAddress(url.host, url.port))
        call.job.invokeOnCompletion { socket.close() }
        val plain = socket.connection()
        return if (url.protocol.isSecure()) plain.tls(call) { serverName = url.host }.connection() else plain
    }

    private suspend fun ByteWriteChannel.writeHead(data: HttpRequestData) {
        val builder = RequestResponseBuilder()
        val url = data.url
        builder.requestLine(data.method, url.fullPath.let { if (it.startsWith("/")) it else "/$it" }, "HTTP/1.1")
        builder.headerLine(HttpHeaders.Host, if (url.port == url.protocol.defaultPort) url.host else url.hostWithPort)
        mergeHeaders(data.headers, data.body) { name, value -> builder.headerLine(name, value) }
        builder.emptyLine()
        writePacket(builder.build())
        flush()
    }

    private suspend fun answer(
        data: HttpRequestData,
        began: GMTDate,
        call: CoroutineContext,
        input: ByteReadChannel,
    ): HttpResponseData =
        input.finalHead().use { head ->
            val names = head.headers
            val status = HttpStatusCode(head.status, head.statusText.toString())
            val version = HttpProtocolVersion.parse(head.version)
            val length = names[HttpHeaders.ContentLength]?.toString()?.toLongOrNull() ?: -1
            val encoding = names[HttpHeaders.TransferEncoding]?.toString()
            val options = ConnectionOptions.parse(names[HttpHeaders.Connection])
            val body =
                if (data.method == HttpMethod.Head || status == HttpStatusCode.NoContent || status == HttpStatusCode.NotModified) {
                    ByteReadChannel.Empty
                } else {
                    CoroutineScope(call)
                        .writer(autoFlush = true) { parseHttpBody(version, length, encoding, options, input, channel) }
                        .channel
                }
            val headers = headers { for (at in names.offsets()) append("${names.nameAtOffset(at)}", "${names.valueAtOffset(at)}") }
            HttpResponseData(status, began, headers, version, body, call)
        }
}

/** The head that tells of the answer itself, and not of its being under way; all of them together are bounded. */
private suspend fun ByteReadChannel.finalHead(): Response {
    var left = LONGEST_HEAD
    while (true) {
        val head = readHead(left)
        left -= head.size.toInt()
        val response = parseResponse(ByteReadChannel(head)) ?: throw EOFException("there is no answer")
        if (response.status >= HttpStatusCode.OK.value || response.status == HttpStatusCode.SwitchingProtocols.value) return response
        response.close()
    }
}

/** What comes up to an empty line, or to the end. */
private suspend fun ByteReadChannel.readHead(limit: Int): Buffer {
    val head = Buffer()
    var isLineEmpty = false
    while (!exhausted()) {
        if (head.size >= limit) throw IOException("the answer's headers are longer than ${LONGEST_HEAD / 1024} KB")
        val byte = readByte()
        head.writeByte(byte)
        if (byte == NEWLINE) {
            if (isLineEmpty) break
            isLineEmpty = true
        } else if (byte != RETURN) {
            isLineEmpty = false
        }
    }
    return head
}

private fun isProxied(url: Url): Boolean {
    val proxies = ProxySelector.getDefault()?.select(URI("$url")).orEmpty()
    return proxies.isNotEmpty() && proxies.first() != Proxy.NO_PROXY
}

private const val NEWLINE = '\n'.code.toByte()
private const val RETURN = '\r'.code.toByte()
