// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.check

import dev.simul.asCompleted
import dev.simul.demo.whyUnanswered
import dev.simul.exceptions.TimeoutException
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.timeout
import io.ktor.client.HttpClient
import io.ktor.client.request.prepareGet
import kotlinx.coroutines.CancellationException
import kotlin.time.Duration
import kotlin.time.TimeSource

/**
 * What a site has answered.
 *
 * @param status of its answer; null if there was none.
 * @param reason why there was none.
 * @param time from the request to the answer's beginning, or to giving up.
 */
internal data class Finding(
    val url: String,
    val status: Int?,
    val reason: String?,
    val time: Duration,
) {
    /** Whether there was an answer, and it is no error. */
    val isFine: Boolean get() = status != null && status < FIRST_ERROR

    private companion object {
        const val FIRST_ERROR = 400
    }
}

/**
 * Asks sites whether they are there, a task for each.
 *
 * @param maxRequests how many are asked at once.
 * @param patience how long each may take to answer.
 */
internal class SiteCheck(
    private val client: HttpClient,
    maxRequests: Int,
    private val patience: Duration,
) {
    private val permits = Semaphore(maxRequests)

    /** Asks all sites at [urls]; [report] gets what was found, in the order in which they answer. */
    suspend fun all(
        urls: List<String>,
        report: (Finding) -> Unit,
    ) = taskGroup { group ->
        val tasks = urls.map { url -> group.createTask(name = url) { one(url) } }
        for (next in asCompleted(tasks)) report(next.await())
    }

    private suspend fun one(url: String): Finding =
        permits.use {
            val begin = TimeSource.Monotonic.markNow()
            try {
                val status = timeout(patience) { client.prepareGet(url).execute { it.status.value } }
                Finding(url, status, reason = null, begin.elapsedNow())
            } catch (_: TimeoutException) {
                Finding(url, status = null, "no answer within $patience", begin.elapsedNow())
            } catch (e: CancellationException) {
                throw e
            } catch (e: Exception) {
                Finding(url, status = null, whyUnanswered(e), begin.elapsedNow())
            }
        }
}
