// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import com.sun.net.httpserver.Authenticator
import com.sun.net.httpserver.Filter
import com.sun.net.httpserver.HttpContext
import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpHandler
import com.sun.net.httpserver.HttpServer
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList

/** What [server] does with the requests whose paths begin with [path]. */
internal class LoopHttpContext(
    private val server: HttpServer,
    private val path: String,
    @Volatile private var handler: HttpHandler?,
) : HttpContext() {
    private val attributes = ConcurrentHashMap<String, Any>()
    private val filters = CopyOnWriteArrayList<Filter>()

    @Volatile
    private var authenticator: Authenticator? = null

    override fun getHandler(): HttpHandler? = handler

    @Synchronized
    override fun setHandler(handler: HttpHandler) {
        require(this.handler == null) { "$this has a handler already" }
        this.handler = handler
    }

    override fun getPath(): String = path

    override fun getServer(): HttpServer = server

    override fun getAttributes(): MutableMap<String, Any> = attributes

    override fun getFilters(): MutableList<Filter> = filters

    @Synchronized
    override fun setAuthenticator(authenticator: Authenticator?): Authenticator? =
        this.authenticator.also { this.authenticator = authenticator }

    override fun getAuthenticator(): Authenticator? = authenticator

    /** Calls the filters, the authenticator and [handler], in the body that calls this. */
    fun handle(
        exchange: LoopExchange,
        handler: HttpHandler,
    ) {
        val last = HttpHandler { if (isAllowed(exchange, it)) handler.handle(it) }
        if (filters.isEmpty()) last.handle(exchange.face) else Filter.Chain(filters, last).doFilter(exchange.face)
    }

    /** Asks the authenticator, if there is one; whoever is not allowed is answered. */
    private fun isAllowed(
        exchange: LoopExchange,
        face: HttpExchange,
    ): Boolean {
        val authenticator = authenticator ?: return true
        val status =
            when (val result = authenticator.authenticate(face)) {
                is Authenticator.Success -> {
                    exchange.principal = result.principal
                    return true
                }
                is Authenticator.Retry -> result.responseCode
                is Authenticator.Failure -> result.responseCode
                else -> throw IllegalStateException("$authenticator gives $result, which is neither a success, a retry nor a failure")
            }
        face.sendResponseHeaders(status, NO_BODY)
        return false
    }

    override fun toString(): String = "<HttpContext $path>"

    private companion object {
        const val NO_BODY = -1L
    }
}
