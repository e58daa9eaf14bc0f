// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.http.ServerExchange
import dev.simul.ktor.BodyReadChannel
import dev.simul.ktor.ReceivedHeaders
import dev.simul.loop.EventLoop
import io.ktor.http.Headers
import io.ktor.http.Parameters
import io.ktor.http.RequestConnectionPoint
import io.ktor.http.decodeURLQueryComponent
import io.ktor.http.parseQueryString
import io.ktor.server.application.PipelineCall
import io.ktor.server.engine.BaseApplicationRequest
import io.ktor.server.request.RequestCookies
import io.ktor.utils.io.ByteReadChannel

/** The request of an exchange, as Ktor sees it. */
internal class SimulApplicationRequest(
    call: PipelineCall,
    private val exchange: ServerExchange,
    private val loop: EventLoop,
) : BaseApplicationRequest(call) {
    override val engineHeaders: Headers = ReceivedHeaders(exchange.request.headers)

    override val engineReceiveChannel: ByteReadChannel by lazy(LazyThreadSafetyMode.NONE) {
        val body = exchange.body
        if (body.isDone) ByteReadChannel.Empty else BodyReadChannel(body, loop)
    }

    override val local: RequestConnectionPoint = ExchangePoint(exchange)

    override val cookies: RequestCookies by lazy(LazyThreadSafetyMode.NONE) { RequestCookies(this) }

    override val rawQueryParameters: Parameters by lazy(LazyThreadSafetyMode.NONE) {
        val start = local.uri.indexOf('?')
        if (start < 0) Parameters.Empty else parseQueryString(local.uri, startIndex = start + 1, decode = false)
    }

    override val queryParameters: Parameters by lazy(LazyThreadSafetyMode.NONE) { decoded(rawQueryParameters) }

    /** A name without a value has an empty one. */
    private fun decoded(raw: Parameters): Parameters {
        if (raw.isEmpty()) return Parameters.Empty
        return Parameters.build {
            raw.forEach { name, values ->
                val decoded = values.map { it.decodeURLQueryComponent(plusIsSpace = true) }
                appendAll(name.decodeURLQueryComponent(), decoded.ifEmpty { listOf("") })
            }
        }
    }
}
