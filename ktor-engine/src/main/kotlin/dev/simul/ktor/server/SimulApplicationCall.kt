// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import dev.simul.http.ServerExchange
import dev.simul.loop.EventLoop
import io.ktor.server.application.Application
import io.ktor.server.engine.BaseApplicationCall
import kotlinx.coroutines.CoroutineScope
import kotlin.coroutines.CoroutineContext

/** A request and its response; the scope is the task that answers. */
internal class SimulApplicationCall(
    application: Application,
    exchange: ServerExchange,
    loop: EventLoop,
    override val coroutineContext: CoroutineContext,
) : BaseApplicationCall(application),
    CoroutineScope {
    override val request: SimulApplicationRequest = SimulApplicationRequest(this, exchange, loop)
    override val response: SimulApplicationResponse = SimulApplicationResponse(this, exchange, loop)

    init {
        putResponseAttribute()
    }

    override fun toString(): String = "<SimulApplicationCall ${request.local.method.value} ${request.local.uri}>"
}
