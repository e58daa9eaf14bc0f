// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JdkHttpServer")

package dev.simul.http.jdk

import com.sun.net.httpserver.HttpServer
import com.sun.net.httpserver.HttpsServer
import dev.simul.FacadeApi
import dev.simul.http.HttpLimits
import dev.simul.http.HttpServerOptions
import dev.simul.loop.EventLoop
import java.time.Duration
import kotlin.time.toKotlinDuration

/** A server of [loop], not bound yet, whose handlers wait by [waits]. */
@FacadeApi
public fun httpServer(
    loop: EventLoop,
    waits: Waits,
    options: HttpServerOptions,
): HttpServer = LoopHttpServer(loop, waits, options)

/** As [httpServer], over TLS. */
@FacadeApi
public fun httpsServer(
    loop: EventLoop,
    waits: Waits,
    options: HttpServerOptions,
): HttpsServer = LoopHttpsServer(loop, waits, options)

/** The options that Java says in its own types; null means no limit of time. */
@FacadeApi
public fun httpServerOptions(
    limits: HttpLimits,
    headerTimeout: Duration?,
    idleTimeout: Duration?,
    bodyTimeout: Duration?,
    maxConnections: Int,
    halfClose: Boolean,
): HttpServerOptions =
    HttpServerOptions(
        limits = limits,
        headerTimeout = headerTimeout?.toKotlinDuration(),
        idleTimeout = idleTimeout?.toKotlinDuration(),
        bodyTimeout = bodyTimeout?.toKotlinDuration(),
        maxConnections = maxConnections,
        halfClose = halfClose,
    )
