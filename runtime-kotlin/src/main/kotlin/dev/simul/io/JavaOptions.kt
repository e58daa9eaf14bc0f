@file:JvmName("JavaOptions")

package dev.simul.io

import java.net.InetAddress
import java.time.Duration
import kotlin.time.toKotlinDuration

// Options that have a duration, or that need arguments by name: Java has neither Kotlin's durations nor such arguments.

/** As [ConnectionOptions]. */
public fun connectionOptions(
    localAddress: InetAddress?,
    localPort: Int,
    happyEyeballsDelay: Duration?,
    interleave: Int?,
    allErrors: Boolean,
): ConnectionOptions =
    ConnectionOptions(
        localAddress = localAddress,
        localPort = localPort,
        happyEyeballsDelay = happyEyeballsDelay?.toKotlinDuration(),
        interleave = interleave,
        allErrors = allErrors,
    )

/** As [ServerOptions]. */
public fun serverOptions(
    backlog: Int,
    reuseAddress: Boolean,
    reusePort: Boolean,
    keepAlive: Boolean,
    startServing: Boolean,
): ServerOptions =
    ServerOptions(
        backlog = backlog,
        reuseAddress = reuseAddress,
        reusePort = reusePort,
        keepAlive = keepAlive,
        startServing = startServing,
    )
