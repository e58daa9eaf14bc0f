// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaTls")

package dev.simul.interop

import dev.simul.Coroutine
import dev.simul.FacadeApi
import dev.simul.loop.EventLoop
import dev.simul.ownCoroutine
import dev.simul.streams.StreamWriter
import dev.simul.tls.SslContext
import dev.simul.tls.startTls
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import java.time.Duration
import kotlin.time.toKotlinDuration

/** A coroutine that calls [startTls], with Java's durations. */
@FacadeApi
public fun startingTls(
    loop: EventLoop,
    transport: Transport,
    protocol: StreamingProtocol,
    sslContext: SslContext,
    serverSide: Boolean,
    serverHostname: String?,
    sslHandshakeTimeout: Duration?,
    sslShutdownTimeout: Duration?,
): Coroutine<Transport> =
    ownCoroutine {
        loop.startTls(
            transport,
            protocol,
            sslContext,
            serverSide,
            serverHostname,
            sslHandshakeTimeout?.toKotlinDuration(),
            sslShutdownTimeout?.toKotlinDuration(),
        )
    }

/** A coroutine that calls [StreamWriter.startTls], with Java's durations. */
@FacadeApi
public fun startingTls(
    writer: StreamWriter,
    sslContext: SslContext,
    serverHostname: String?,
    sslHandshakeTimeout: Duration?,
    sslShutdownTimeout: Duration?,
): Coroutine<Unit> =
    ownCoroutine {
        writer.startTls(
            sslContext,
            serverHostname,
            sslHandshakeTimeout?.toKotlinDuration(),
            sslShutdownTimeout?.toKotlinDuration(),
        )
    }
