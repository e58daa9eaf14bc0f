// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import io.ktor.client.HttpClient
import kotlinx.coroutines.job
import kotlin.time.Duration.Companion.seconds

/** How long a demo waits for anybody, if nobody says otherwise. */
internal val PATIENCE = 30.seconds

/**
 * A client that can have that many [connections], and follows redirects. It waits for ever: give it a timeout. Closing it closes its
 * [engine].
 */
internal fun webClient(
    connections: Int,
    engine: Engine = Engine.SIMUL,
): HttpClient {
    val clientEngine = engine.client(connections)
    return HttpClient(clientEngine).also { client -> client.coroutineContext.job.invokeOnCompletion { clientEngine.close() } }
}
