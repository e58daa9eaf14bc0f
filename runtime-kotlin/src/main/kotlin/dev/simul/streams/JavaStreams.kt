// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaStreams")

package dev.simul.streams

import dev.simul.Coroutine
import dev.simul.coroutine
import dev.simul.tls.SslContext
import java.time.Duration
import kotlin.time.toKotlinDuration

/** A coroutine that does what [StreamWriter.startTls] does, with durations that Java has. */
public fun startingTls(
    writer: StreamWriter,
    sslContext: SslContext,
    serverHostname: String?,
    sslHandshakeTimeout: Duration?,
    sslShutdownTimeout: Duration?,
): Coroutine<Unit> =
    coroutine {
        writer.startTls(
            sslContext,
            serverHostname,
            sslHandshakeTimeout?.toKotlinDuration(),
            sslShutdownTimeout?.toKotlinDuration(),
        )
    }
