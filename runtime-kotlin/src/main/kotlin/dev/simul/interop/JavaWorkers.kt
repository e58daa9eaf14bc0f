// SPDX-License-Identifier: Apache-2.0
@file:JvmName("JavaWorkers")

package dev.simul.interop

import dev.simul.Coroutine
import dev.simul.FacadeApi
import dev.simul.ownCoroutine
import dev.simul.repeating.Backoff
import dev.simul.workers.Supervisor
import dev.simul.workers.WorkerOptions
import dev.simul.workers.serve
import java.time.Duration
import java.util.concurrent.Callable
import kotlin.time.toKotlinDuration

/** As [WorkerOptions]; what is null has its default. */
@FacadeApi
public fun workerOptions(
    backoff: Backoff?,
    stableAfter: Duration?,
    pingInterval: Duration?,
    unresponsiveAfter: Duration?,
    hangTimeout: Duration?,
    maxHung: Int?,
    startTimeout: Duration?,
    grace: Duration?,
    forcedGrace: Duration?,
    debug: Boolean?,
): WorkerOptions {
    val defaults = WorkerOptions()
    return WorkerOptions(
        backoff = backoff ?: defaults.backoff,
        stableAfter = stableAfter?.toKotlinDuration() ?: defaults.stableAfter,
        pingInterval = pingInterval?.toKotlinDuration() ?: defaults.pingInterval,
        unresponsiveAfter = unresponsiveAfter?.toKotlinDuration() ?: defaults.unresponsiveAfter,
        hangTimeout = hangTimeout?.toKotlinDuration() ?: defaults.hangTimeout,
        maxHung = maxHung,
        startTimeout = startTimeout?.toKotlinDuration() ?: defaults.startTimeout,
        grace = grace?.toKotlinDuration() ?: defaults.grace,
        forcedGrace = forcedGrace?.toKotlinDuration() ?: defaults.forcedGrace,
        debug = debug,
    )
}

/** As [serve], with a body in each worker. */
@FacadeApi
public fun serveBodies(
    workers: Int,
    options: WorkerOptions,
    main: Callable<*>,
): Unit = serve(workers, options) { bodyOf(main).await() }

/** A supervisor with a body in each worker. */
@FacadeApi
public fun supervisorOfBodies(
    workers: Int,
    options: WorkerOptions,
    main: Callable<*>,
): Supervisor = Supervisor(workers, options) { bodyOf(main).await() }

/** A coroutine that calls [Supervisor.shutdown]. */
@FacadeApi
public fun shuttingDown(
    supervisor: Supervisor,
    grace: Duration,
): Coroutine<Unit> = ownCoroutine { supervisor.shutdown(grace.toKotlinDuration()) }
