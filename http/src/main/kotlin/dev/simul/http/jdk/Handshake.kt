// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.http.ClientResponse
import java.io.IOException
import java.net.http.HttpHeaders
import java.net.http.WebSocket
import java.net.http.WebSocketHandshakeException
import java.security.MessageDigest
import java.util.Base64

/** An exchange after which the connection is a WebSocket's. */
internal class Handshake(
    client: LoopHttpClient,
    private val request: HandshakeRequest,
    private val listener: WebSocket.Listener,
) : Exchange<WebSocket>(client, request, tunnels = true) {
    override suspend fun receive(received: Received): WebSocket {
        val response = received.response
        val problem = problemOf(received)
        if (response == null || problem != null) throw failed(received, problem ?: "the proxy refused a tunnel")
        val subprotocol = received.info["Sec-WebSocket-Protocol"].orEmpty()
        return LoopWebSocket(client, response, listener, subprotocol).also { it.begin() }
    }

    /** The exception has the response, with what a refusing server says. */
    private suspend fun failed(
        received: Received,
        problem: String,
    ): WebSocketHandshakeException {
        val text =
            try {
                received.response?.takeIf { it.writer == null }?.readText(received)
            } catch (_: IOException) {
                null
            } finally {
                received.close()
            }
        val response = LoopHttpResponse(received.request, received.info, previous, received.session, text.orEmpty())
        return WebSocketHandshakeException(response).apply { initCause(IOException(problem)) }
    }

    private suspend fun ClientResponse.readText(received: Received): String {
        val part = java.nio.ByteBuffer.allocate(MOST_TEXT)
        do {
            val count = body.read(part)
        } while (count >= 0 && part.hasRemaining())
        return String(part.array(), 0, part.position(), charsetOf(received.info["Content-Type"]))
    }

    /** What is wrong with the response; null if it agrees to the request. */
    private fun problemOf(received: Received): String? {
        val status = received.info.statusCode()
        if (status != SWITCHING_PROTOCOLS) return "Unexpected HTTP response status code $status"
        val headers = received.info.headers()
        val protocol = headers.allValues("Sec-WebSocket-Protocol")
        return when {
            !isSingle(headers, "Upgrade", "websocket") -> "Bad response field: Upgrade"
            !isSingle(headers, "Connection", "Upgrade") -> "Bad response field: Connection"
            headers.allValues("Sec-WebSocket-Version").any { it != "13" } -> "Bad response field: Sec-WebSocket-Version"
            headers.firstValue("Sec-WebSocket-Extensions").isPresent -> "Response field 'Sec-WebSocket-Extensions' present"
            headers.allValues("Sec-WebSocket-Accept") != listOf(acceptOf(request.key)) -> "Bad Sec-WebSocket-Accept"
            protocol.size > 1 || protocol.any { it !in request.subprotocols } -> "Unexpected subprotocol: $protocol"
            else -> null
        }
    }

    private fun isSingle(
        headers: HttpHeaders,
        name: String,
        value: String,
    ) = headers.allValues(name).let { it.size == 1 && it.single().equals(value, ignoreCase = true) }

    companion object {
        private const val SWITCHING_PROTOCOLS = 101
        private const val MOST_TEXT = 16 * 1024

        /** What a server answers to [key], which shows that it has understood. */
        fun acceptOf(key: String): String {
            val text = key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text.toByteArray()))
        }
    }
}
