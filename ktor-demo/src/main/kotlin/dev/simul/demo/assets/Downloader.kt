// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import dev.simul.Timeout
import dev.simul.demo.Failure
import dev.simul.demo.PATIENCE
import dev.simul.demo.whyUnanswered
import dev.simul.demo.whyUnwritten
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.timeout
import dev.simul.toThread
import io.ktor.client.HttpClient
import io.ktor.client.request.header
import io.ktor.client.request.prepareGet
import io.ktor.client.statement.HttpResponse
import io.ktor.client.statement.bodyAsChannel
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpStatusCode
import io.ktor.http.contentLength
import io.ktor.utils.io.readAvailable
import kotlinx.coroutines.CancellationException
import java.io.EOFException
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration

/**
 * Downloads assets, a task for each; none is ever in memory as a whole.
 *
 * What goes wrong with a single request is the outcome of that download, and what had come stays to be resumed. A file that cannot
 * be written ends all downloads.
 *
 * @param concurrency how many requests may be in flight at once.
 * @param patience how long a server may be silent.
 */
internal class Downloader(
    private val client: HttpClient,
    concurrency: Int,
    private val progress: Progress,
    private val patience: Duration = PATIENCE,
) {
    private val permits = Semaphore(concurrency)

    /** @throws dev.simul.exceptions.ExceptionGroup of [Failure]s if files cannot be written. */
    suspend fun all(downloads: List<Download>) =
        taskGroup { group ->
            for (download in downloads) {
                group.createTask(name = download.name) { permits.use { one(download) } }
            }
        }

    private suspend fun one(download: Download) {
        val size = download.asset.size
        val isThere = onDisk(download) { download.file.isWhole(size) }
        download.outcome = if (isThere) Outcome.Skipped else attempt(download)
        progress.finished(download)
    }

    private suspend fun attempt(download: Download): Outcome =
        try {
            val beginning = onDisk(download) { download.file.beginning(download.asset.size) }
            fetch(download, beginning) ?: fetch(download, null)!!
        } catch (_: TimeoutException) {
            Outcome.Failed("nothing came for $patience${resumption(download)}")
        } catch (e: Part.Taken) {
            Outcome.Failed("${e.message}")
        } catch (e: Exception) {
            if (e is CancellationException || e is Failure) throw e
            Outcome.Failed("${whyUnanswered(e)}${resumption(download)}")
        }

    /** Returns null if the [beginning] fits nothing that the server has. */
    private suspend fun fetch(
        download: Download,
        beginning: AssetFile.Beginning?,
    ): Outcome? {
        val request =
            client.prepareGet(download.asset.url) {
                header(HttpHeaders.UserAgent, "simul-demo")
                header(HttpHeaders.AcceptEncoding, "identity")
                if (beginning != null) {
                    header(HttpHeaders.Range, "bytes=${beginning.size}-")
                    header(HttpHeaders.IfRange, beginning.validator)
                }
            }
        return timeout(patience) { silence ->
            request.execute { response ->
                when {
                    response.status == HttpStatusCode.OK -> receive(download, response, 0, silence)
                    beginning == null -> Outcome.Failed(response.reason)
                    response.status == HttpStatusCode.PartialContent && response.begins(beginning.size) ->
                        receive(download, response, beginning.size, silence)
                    response.status in setOf(HttpStatusCode.PartialContent, HttpStatusCode.RequestedRangeNotSatisfiable) -> null
                    else -> Outcome.Failed(response.reason)
                }
            }
        }
    }

    private fun HttpResponse.begins(at: Long): Boolean = headers[HttpHeaders.ContentRange].orEmpty().startsWith("bytes $at-")

    private suspend fun receive(
        download: Download,
        response: HttpResponse,
        from: Long,
        silence: Timeout,
    ): Outcome {
        val size = download.asset.size
        val length = response.contentLength()
        if (length != null && from + length != size) {
            return Outcome.Failed("the server has ${from + length} bytes of it, the release says $size; ask again later")
        }
        progress.started(download, from)
        return Part(download.file).use { part ->
            onDisk(download) { part.open(from, response.validator, size) }
            val end = copy(download, response, part, from, silence)
            when {
                end == size -> {
                    onDisk(download) { part.complete().also { download.outcome = Outcome.Downloaded(from) } }
                    download.outcome
                }
                end > size -> {
                    onDisk(download) { part.discard() }
                    Outcome.Failed("the server sends more than the $size bytes that the release says; ask again later")
                }
                else -> throw EOFException("$end of $size bytes")
            }
        }
    }

    /** Returns where the file ends then. */
    private suspend fun copy(
        download: Download,
        response: HttpResponse,
        part: Part,
        from: Long,
        silence: Timeout,
    ): Long {
        val body = response.bodyAsChannel()
        val chunk = ByteArray(CHUNK)
        var end = from
        while (end <= download.asset.size) {
            silence.reschedule(getRunningLoop().time() + patience)
            val count = body.readAvailable(chunk)
            if (count < 0) break
            silence.reschedule(null)
            onDisk(download) { part.write(ByteBuffer.wrap(chunk, 0, count)) }
            end += count
            progress.advanced(download, end)
        }
        return end
    }

    /** What `If-Range` may name this version by. */
    private val HttpResponse.validator: String?
        get() = headers[HttpHeaders.ETag]?.takeUnless { it.startsWith("W/") } ?: headers[HttpHeaders.LastModified]

    private suspend fun resumption(download: Download): String {
        val size = download.asset.size
        val beginning = onDisk(download) { download.file.beginning(size) } ?: return "; run the same again"
        return " after ${beginning.size} of $size bytes; run the same again to get the rest"
    }

    private suspend fun <R> onDisk(
        download: Download,
        block: () -> R,
    ): R =
        try {
            toThread(block)
        } catch (e: IOException) {
            val place = "'${download.file.path}'"
            throw Failure("cannot write $place: ${whyUnwritten(e)}; make room there, or give another --download-dir", e)
        }

    private companion object {
        const val CHUNK = 64 * 1024
    }
}
