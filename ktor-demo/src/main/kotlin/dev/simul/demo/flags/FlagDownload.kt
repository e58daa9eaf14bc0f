package dev.simul.demo.flags

import dev.simul.TimeoutException
import dev.simul.aclosing
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.timeout
import dev.simul.toThread
import io.ktor.client.HttpClient
import io.ktor.client.engine.cio.CIO
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsBytes
import io.ktor.http.HttpStatusCode
import io.ktor.http.isSuccess
import java.io.IOException
import java.nio.file.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTimedValue

/**
 * Downloads the flags of [codes] from [server] into [folder], and closes server and client, however it ends.
 *
 * @param concurrency how many requests may be in flight at once.
 * @param progress hears of every flag when its outcome is known.
 * @throws dev.simul.ExceptionGroup of [IOException]s if files cannot be written.
 */
internal suspend fun downloadFlags(
    codes: List<String>,
    server: FlagServer,
    client: HttpClient,
    folder: Path,
    concurrency: Int,
    progress: Progress,
): Report =
    aclosing(server) {
        client.use {
            server.start()
            val download = FlagDownload(client, server.address, folder, concurrency)
            val (outcomes, time) = measureTimedValue { download.all(codes, progress) }
            Report(outcomes, time)
        }
    }

/** A client that can have [concurrency] connections to one server. */
internal fun flagClient(concurrency: Int): HttpClient =
    HttpClient(CIO) {
        engine {
            requestTimeout = 0 // The patience of a download is all that limits it.
            maxConnectionsCount = concurrency
            endpoint.maxConnectionsPerRoute = concurrency
            endpoint.connectTimeout = PATIENCE.inWholeMilliseconds
        }
    }

private val PATIENCE = 30.seconds

/**
 * Downloads flags, a task for each.
 *
 * What goes wrong with a single request is an outcome of that flag. A file that cannot be written ends the whole download.
 *
 * @param address the server's, as in `http://localhost:8080`.
 * @param concurrency how many requests may be in flight at once.
 * @param patience how long a request may take.
 */
internal class FlagDownload(
    private val client: HttpClient,
    private val address: String,
    private val folder: Path,
    concurrency: Int,
    private val patience: Duration = PATIENCE,
) {
    private val permits = Semaphore(concurrency)

    /** Downloads the flags of all [codes], and returns what became of each. */
    suspend fun all(
        codes: List<String>,
        progress: Progress,
    ): Map<String, Outcome> {
        val tasks =
            taskGroup { group ->
                codes.associateWith { code ->
                    group.createTask(name = "flag $code") { one(code).also { progress.report(code, it) } }
                }
            }
        return tasks.mapValues { (_, task) -> task.result() }
    }

    private suspend fun one(code: String): Outcome {
        val response =
            try {
                permits.use {
                    timeout(patience) { client.get("$address/flags/$code.png") }
                }
            } catch (_: TimeoutException) {
                return Outcome.Failed("no answer within $patience")
            } catch (e: IOException) {
                return Outcome.Failed(e.message ?: e.toString())
            }
        if (response.status == HttpStatusCode.NotFound) return Outcome.NotFound
        if (!response.status.isSuccess()) return Outcome.Failed(response.status.toString())

        val image = response.bodyAsBytes()
        val file = folder.resolve("$code.png")
        toThread { saveFlag(image, file) }
        return Outcome.Saved(file)
    }
}
