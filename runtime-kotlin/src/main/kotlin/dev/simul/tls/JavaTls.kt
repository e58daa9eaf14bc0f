// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaTls")

package dev.simul.tls

import dev.simul.Coroutine
import dev.simul.coroutine
import dev.simul.loop.EventLoop
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import java.time.Duration
import kotlin.time.toKotlinDuration

/** A coroutine that does what [startTls] does, with durations that Java has. */
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
    coroutine {
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
