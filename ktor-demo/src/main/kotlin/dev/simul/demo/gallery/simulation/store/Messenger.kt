// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

import dev.simul.exceptions.TimeoutException
import dev.simul.http.Headers
import dev.simul.http.HttpConnector
import dev.simul.http.HttpRoute
import dev.simul.http.RequestBody
import dev.simul.http.RequestHead
import dev.simul.timeout
import java.io.IOException
import kotlin.time.Duration

/** What a server has answered. */
internal class Answer(
    val status: Int,
    val text: String,
)

/** Sends texts to servers, over connections that [connector] keeps. */
internal class Messenger(
    private val connector: HttpConnector,
    private val routes: Map<String, HttpRoute>,
) {
    /**
     * Posts [text] to [path] of [server].
     *
     * @throws TimeoutException if there is no answer within [limit].
     * @throws IOException if the server cannot be reached.
     */
    suspend fun post(
        server: String,
        path: String,
        text: String,
        limit: Duration,
    ): Answer =
        timeout(limit) {
            val head = RequestHead("POST", path, Headers.of("Host" to server))
            val response = connector.request(routes.getValue(server), head, RequestBody.of(text.encodeToByteArray()))
            Answer(response.head.status, response.body.read().decodeToString())
        }

    /** As [post], for a message that may be lost: then it returns null. */
    suspend fun tryPost(
        server: String,
        path: String,
        text: String,
        limit: Duration,
    ): String? =
        try {
            post(server, path, text, limit).text
        } catch (_: TimeoutException) {
            null
        } catch (_: IOException) {
            null
        }
}
