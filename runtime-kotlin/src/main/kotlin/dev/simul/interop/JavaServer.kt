// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaServer")

package dev.simul.interop

import dev.simul.Coroutine
import dev.simul.FacadeApi
import dev.simul.net.Server
import dev.simul.ownCoroutine
import java.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration

/** A coroutine that calls [Server.shutdown]; if [flush] is null, it is one second. */
@FacadeApi
public fun shuttingDown(
    server: Server,
    grace: Duration,
    flush: Duration?,
): Coroutine<Unit> = ownCoroutine { server.shutdown(grace.toKotlinDuration(), flush?.toKotlinDuration() ?: 1.seconds) }
