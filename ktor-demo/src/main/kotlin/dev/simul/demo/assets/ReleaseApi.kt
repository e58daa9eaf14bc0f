// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import dev.simul.demo.Failure
import dev.simul.demo.PATIENCE
import dev.simul.demo.parseJson
import dev.simul.demo.wholeBody
import dev.simul.demo.whyUnanswered
import dev.simul.exceptions.TimeoutException
import dev.simul.timeout
import io.ktor.client.HttpClient
import io.ktor.client.request.header
import io.ktor.client.request.prepareGet
import io.ktor.client.statement.HttpResponse
import io.ktor.http.HttpHeaders
import io.ktor.http.HttpStatusCode
import io.ktor.http.encodeURLPathPart
import io.ktor.http.isSuccess
import kotlinx.coroutines.CancellationException
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter

/** The status with its usual words, whatever the server says. */
internal val HttpResponse.reason: String get() = "${HttpStatusCode.fromValue(status.value)}"

/** Asks an API at [address], of the shape of GitHub's, for releases. */
internal class ReleaseApi(
    private val client: HttpClient,
    private val address: String,
) {
    /**
     * The release of [repository] that has that [tag].
     *
     * @throws Failure if there is none, or the API cannot be asked.
     */
    suspend fun release(
        repository: String,
        tag: String,
    ): Release {
        val name = tag.split("/").joinToString("/") { it.encodeURLPathPart() }
        val url = "${address.removeSuffix("/")}/repos/$repository/releases/tags/$name"
        val (response, body) = get(url)
        if (response.status == HttpStatusCode.NotFound) {
            throw Failure("$repository has no release '$tag', says $address (404): check the name and the tag")
        }
        if (!response.status.isSuccess()) throw Failure("$url: ${complaint(response, body)}")
        return try {
            Release.of(tag, body)
        } catch (e: IllegalArgumentException) {
            throw Failure(
                "$url does not tell of a release: ${e.message?.lines()?.first()?.take(MOST)}; give the --api-url of one like GitHub's",
                e,
            )
        }
    }

    private suspend fun get(url: String): Pair<HttpResponse, String> =
        try {
            timeout(PATIENCE) {
                val request = client.prepareGet(url) { header(HttpHeaders.UserAgent, "simul-demo") }
                request.execute { it to it.wholeBody().decodeToString() }
            }
        } catch (e: TimeoutException) {
            throw unreachable("no answer within $PATIENCE", e)
        } catch (e: CancellationException) {
            throw e
        } catch (e: Exception) {
            throw unreachable(whyUnanswered(e), e)
        }

    private fun unreachable(
        reason: String,
        cause: Exception,
    ) = Failure("$address cannot be reached: $reason; check the connection, or --api-url", cause)

    /** What the API has against a request. */
    private fun complaint(
        response: HttpResponse,
        body: String,
    ): String {
        val message = runCatching { parseJson(body).jsonObject["message"]?.jsonPrimitive?.content }.getOrNull()?.take(MOST)
        val isLimit = response.status in setOf(HttpStatusCode.Forbidden, HttpStatusCode.TooManyRequests)
        return listOfNotNull(response.reason, message).joinToString(": ") + if (isLimit) "; ${remedy(response)}" else ""
    }

    private fun remedy(response: HttpResponse): String {
        val seconds = response.headers[HttpHeaders.RetryAfter]?.toLongOrNull()
        val reset = response.headers["X-RateLimit-Reset"]?.toLongOrNull()
        return when {
            seconds != null -> "try again in $seconds s"
            reset != null -> "try again at ${HOUR.format(Instant.ofEpochSecond(reset))}"
            else -> "try again later"
        }
    }

    private companion object {
        /** As many characters of what the API says as are passed on. */
        const val MOST = 200
        val HOUR: DateTimeFormatter = DateTimeFormatter.ofPattern("HH:mm:ss").withZone(ZoneId.systemDefault())
    }
}
