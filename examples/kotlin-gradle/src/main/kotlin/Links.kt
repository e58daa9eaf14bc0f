// SPDX-License-Identifier: Apache-2.0
package links

import dev.simul.createTask
import dev.simul.gather
import dev.simul.runLoop
import dev.simul.sync.Semaphore
import dev.simul.timeout
import dev.simul.wrapFuture
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.util.concurrent.TimeoutException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/** Asks whether pages are there, [limit] of them at a time; a page that takes longer than [patience] counts as gone. */
class LinkCheck(
    private val client: HttpClient = HttpClient.newHttpClient(),
    private val patience: Duration = 10.seconds,
    limit: Int = 20,
) {
    private val free = Semaphore(limit)

    /** What became of each page, in the order of asking. */
    suspend fun check(pages: List<URI>): List<String> = gather(pages.map { page -> createTask { "$page ${status(page)}" } }).await()

    private suspend fun status(page: URI): String =
        free.use {
            try {
                timeout(patience) {
                    val request = HttpRequest.newBuilder(page).build()
                    wrapFuture(client.sendAsync(request, BodyHandlers.discarding())).await().statusCode().toString()
                }
            } catch (_: TimeoutException) {
                "no answer"
            } catch (e: IOException) {
                "failed: ${e.message ?: e.javaClass.simpleName}"
            }
        }
}

fun main(args: Array<String>) =
    runLoop {
        LinkCheck().check(args.map(URI::create)).forEach(::println)
    }
