// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaOptions")

package dev.simul.interop

import dev.simul.FacadeApi
import dev.simul.net.ConnectionOptions
import dev.simul.net.ServerOptions
import dev.simul.tls.SslContext
import java.net.InetAddress
import java.net.StandardProtocolFamily
import java.time.Duration
import kotlin.time.toKotlinDuration

// Options with durations or many named arguments: Java has neither Kotlin's durations nor named arguments.

/** As [ConnectionOptions]. */
@FacadeApi
public fun connectionOptions(
    family: StandardProtocolFamily?,
    localAddress: InetAddress?,
    localPort: Int,
    happyEyeballsDelay: Duration?,
    interleave: Int?,
    allErrors: Boolean,
    ssl: SslContext?,
    serverHostname: String?,
    sslHandshakeTimeout: Duration?,
    sslShutdownTimeout: Duration?,
): ConnectionOptions =
    ConnectionOptions(
        family = family,
        localAddress = localAddress,
        localPort = localPort,
        happyEyeballsDelay = happyEyeballsDelay?.toKotlinDuration(),
        interleave = interleave,
        allErrors = allErrors,
        ssl = ssl,
        serverHostname = serverHostname,
        sslHandshakeTimeout = sslHandshakeTimeout?.toKotlinDuration(),
        sslShutdownTimeout = sslShutdownTimeout?.toKotlinDuration(),
    )

/** As [ServerOptions]. */
@FacadeApi
public fun serverOptions(
    family: StandardProtocolFamily?,
    backlog: Int,
    reuseAddress: Boolean,
    reusePort: Boolean,
    keepAlive: Boolean,
    startServing: Boolean,
    ssl: SslContext?,
    sslHandshakeTimeout: Duration?,
    sslShutdownTimeout: Duration?,
): ServerOptions =
    ServerOptions(
        family = family,
        backlog = backlog,
        reuseAddress = reuseAddress,
        reusePort = reusePort,
        keepAlive = keepAlive,
        startServing = startServing,
        ssl = ssl,
        sslHandshakeTimeout = sslHandshakeTimeout?.toKotlinDuration(),
        sslShutdownTimeout = sslShutdownTimeout?.toKotlinDuration(),
    )
