// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import com.sun.net.httpserver.HttpContext
import com.sun.net.httpserver.HttpHandler
import com.sun.net.httpserver.HttpServer
import com.sun.net.httpserver.HttpsConfigurator
import com.sun.net.httpserver.HttpsServer
import dev.simul.http.HttpServerOptions
import dev.simul.loop.EventLoop
import java.net.InetSocketAddress
import java.util.concurrent.Executor

/** The JDK's server on [loop], whose handlers are bodies. */
internal class LoopHttpServer(
    loop: EventLoop,
    waits: Waits,
    options: HttpServerOptions,
) : HttpServer() {
    private val serving = Serving(this, loop, waits, options)

    override fun bind(
        address: InetSocketAddress,
        backlog: Int,
    ) = serving.bind(address, backlog)

    override fun start() = serving.start(null)

    override fun setExecutor(executor: Executor?) = serving.refuseExecutor(executor)

    override fun getExecutor(): Executor? = null

    override fun stop(delay: Int) = serving.stop(delay)

    override fun createContext(
        path: String,
        handler: HttpHandler,
    ): HttpContext = serving.contexts.add(path, handler)

    override fun createContext(path: String): HttpContext = serving.contexts.add(path, null)

    override fun removeContext(path: String) = serving.contexts.remove(path)

    override fun removeContext(context: HttpContext) = serving.contexts.remove(context)

    override fun getAddress(): InetSocketAddress? = serving.address

    override fun toString(): String = "<HttpServer at $address>"
}

/** As [LoopHttpServer], over TLS. */
internal class LoopHttpsServer(
    loop: EventLoop,
    waits: Waits,
    options: HttpServerOptions,
) : HttpsServer() {
    private val serving = Serving(this, loop, waits, options)

    @Volatile
    private var configurator: HttpsConfigurator? = null

    override fun setHttpsConfigurator(config: HttpsConfigurator) {
        check(!serving.isStarted) { "$this is started already: set the configurator before" }
        configurator = config
    }

    override fun getHttpsConfigurator(): HttpsConfigurator? = configurator

    override fun bind(
        address: InetSocketAddress,
        backlog: Int,
    ) = serving.bind(address, backlog)

    override fun start() =
        serving.start(serverTlsOf(checkNotNull(configurator) { "$this has no certificate to present: call setHttpsConfigurator() before" }))

    override fun setExecutor(executor: Executor?) = serving.refuseExecutor(executor)

    override fun getExecutor(): Executor? = null

    override fun stop(delay: Int) = serving.stop(delay)

    override fun createContext(
        path: String,
        handler: HttpHandler,
    ): HttpContext = serving.contexts.add(path, handler)

    override fun createContext(path: String): HttpContext = serving.contexts.add(path, null)

    override fun removeContext(path: String) = serving.contexts.remove(path)

    override fun removeContext(context: HttpContext) = serving.contexts.remove(context)

    override fun getAddress(): InetSocketAddress? = serving.address

    override fun toString(): String = "<HttpsServer at $address>"
}
