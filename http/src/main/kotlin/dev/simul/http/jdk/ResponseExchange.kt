// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.net.http.HttpRequest
import java.net.http.HttpResponse
import java.net.http.HttpResponse.BodyHandler

/**
 * An exchange whose response [handler] gets.
 *
 * @param isForLoop whether the caller runs a loop, so that it must not read what blocks.
 */
internal class ResponseExchange<T>(
    client: LoopHttpClient,
    request: HttpRequest,
    private val handler: BodyHandler<T>,
    private val isForLoop: Boolean,
) : Exchange<HttpResponse<T>>(client, request, tunnels = false) {
    override fun checkPlace() = check(!isForLoop || !JdkClasses.givesBlocking(handler)) { BLOCKING }

    override suspend fun receive(received: Received): HttpResponse<T> {
        val body =
            try {
                bodyOf(received)
            } catch (e: Throwable) {
                received.close()
                throw e
            }
        @Suppress("UNCHECKED_CAST")
        return LoopHttpResponse(received.request, received.info, previous, received.session, body as T?)
    }

    /** The body as the handler makes it; what the JDK's most used handlers would make of it is made without them. */
    private suspend fun bodyOf(received: Received): Any? {
        val response = received.response
        return when {
            response == null -> BodyResult.ofNothing(client, received.info, handler)
            JdkClasses.isByteArray(handler) -> response.body.read()
            JdkClasses.isString(handler) -> String(response.body.read(), charsetOf(received.info["Content-Type"]))
            else -> BodyResult.of(client, received.info, response, handler, isForLoop)
        }
    }

    companion object {
        const val BLOCKING =
            "what BodyHandlers.ofInputStream() and ofLines() give blocks the thread that reads it, which here would stop the loop: use " +
                "HttpBodyHandlers.ofStream(), whose lines and bytes a body awaits"
    }
}
