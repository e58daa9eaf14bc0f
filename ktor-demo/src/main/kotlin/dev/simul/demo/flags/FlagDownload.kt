// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import dev.simul.aclosing
import dev.simul.asCompleted
import dev.simul.demo.PATIENCE
import dev.simul.demo.wholeBody
import dev.simul.demo.whyUnanswered
import dev.simul.exceptions.TimeoutException
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.timeout
import dev.simul.toThread
import io.ktor.client.HttpClient
import io.ktor.client.request.prepareGet
import kotlinx.coroutines.CancellationException
import kotlin.time.Duration
import kotlin.time.TimeSource

/**
 * Downloads the flags of [codes] from [site] into [folder], and closes site and client, however it ends.
 *
 * @param maxRequests how many requests may be in flight at once.
 * @throws dev.simul.demo.Failure if nobody is at the site, or the folder cannot be made.
 * @throws dev.simul.exceptions.ExceptionGroup of such failures if files cannot be written.
 */
internal suspend fun downloadFlags(
    codes: List<String>,
    site: FlagSite,
    client: HttpClient,
    folder: FlagFolder,
    maxRequests: Int,
    tally: Tally,
    progress: Progress,
): Unit =
    client.use {
        aclosing(site) {
            val base = site.open()
            toThread { folder.make() }
            FlagDownload(client, base, folder, maxRequests, tally).all(codes, progress)
        }
    }

/**
 * Downloads flags, a task for each.
 *
 * What goes wrong with a single request is an outcome of that flag. A file that cannot be written ends the whole download.
 *
 * @param base what URLs begin with, as in `http://localhost:8080/flags`.
 * @param maxRequests how many requests may be in flight at once.
 * @param tally hears what becomes of each flag, even of those that are still being saved when this is cancelled.
 * @param patience how long a request may take.
 */
internal class FlagDownload(
    private val client: HttpClient,
    private val base: String,
    private val folder: FlagFolder,
    maxRequests: Int,
    private val tally: Tally,
    private val patience: Duration = PATIENCE,
) {
    private val permits = Semaphore(maxRequests)

    /** Downloads the flags of all [codes]; [progress] hears of each when its outcome is known. */
    suspend fun all(
        codes: List<String>,
        progress: Progress,
    ) = taskGroup { group ->
        progress.begin()
        tally.begin()
        val tasks = codes.map { code -> group.createTask(name = "flag $code") { one(code) } }
        for (next in asCompleted(tasks)) {
            val code = next.await()
            progress.report(code, tally[code])
        }
    }

    private suspend fun one(code: String): String {
        val place = "$base/${code.lowercase()}"
        try {
            val image = get("$place/${code.lowercase()}.png")
            val country = countryIn(get("$place/metadata.json").decodeToString())
            toThread { tally.add(code, Outcome.Saved(folder.save(image, country, code))) }
        } catch (e: NoFlag) {
            tally.add(code, e.outcome)
        }
        return code
    }

    /** What is at [url]. @throws NoFlag if that is not to be had. */
    private suspend fun get(url: String): ByteArray =
        permits.use {
            val begin = TimeSource.Monotonic.markNow()
            try {
                timeout(patience) {
                    client.prepareGet(url).execute { response ->
                        raiseForStatus(response.status.value, url)
                        response.wholeBody()
                    }
                }
            } catch (_: TimeoutException) {
                throw NoFlag(Outcome.Failed("no answer within $patience"))
            } catch (e: Exception) {
                throw if (e is CancellationException || e is NoFlag) e else NoFlag(Outcome.Failed(whyUnanswered(e)))
            } finally {
                tally.addRequest(begin.elapsedNow().inWholeNanoseconds)
            }
        }
}
