// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.io.IOException
import java.net.URI
import java.net.http.HttpClient.Redirect
import java.net.http.HttpHeaders
import java.net.http.HttpRequest
import java.util.Optional

/** Which responses are followed to another place, and by what request. Source: RFC 9110, section 15.4. */
internal object Redirection {
    /** How many are followed for one request; the next response is given to the caller as it is. As many as the JDK's client follows. */
    val LIMIT: Int = Integer.getInteger("jdk.httpclient.redirects.retrylimit", 5) - 1

    /** Whether a response of that [status] names another place for the request. */
    fun isRedirect(status: Int): Boolean = status == 301 || status == 302 || status == 303 || status == 307 || status == 308

    /** The method for the other place: what was posted is not posted again, unless the server wants that. */
    fun methodFor(
        status: Int,
        method: String,
    ): String =
        when {
            status == 303 -> if (method == "HEAD") "HEAD" else "GET"
            (status == 301 || status == 302) && method == "POST" -> "GET"
            else -> method
        }

    /**
     * The request that follows a response with [status] and [headers] to [request]; null if [policy] does not allow that.
     *
     * @throws IOException if the response does not say where.
     */
    fun following(
        request: HttpRequest,
        status: Int,
        headers: HttpHeaders,
        policy: Redirect,
    ): HttpRequest? {
        val from = request.uri()
        val to = locationOf(from, status, headers)
        if (policy == Redirect.NORMAL && from.scheme.equals("https", ignoreCase = true) && to.scheme.equals("http", ignoreCase = true)) {
            return null
        }
        val method = methodFor(status, request.method())
        val keepsBody = method == request.method()
        val isSameOrigin = Destination(from).isSameOrigin(Destination(to))
        val kept =
            HttpHeaders.of(request.headers().map()) { name, _ ->
                (isSameOrigin || !isIn(CREDENTIALS, name)) && (keepsBody || !isIn(ABOUT_CONTENT, name))
            }
        return FollowingRequest(request, to, method, kept, keepsBody)
    }

    private fun locationOf(
        from: URI,
        status: Int,
        headers: HttpHeaders,
    ): URI {
        val location =
            headers.firstValue("Location").orElseThrow { IOException("Invalid redirection: the response $status of $from has no Location") }
        val to =
            try {
                from.resolve(location)
            } catch (e: IllegalArgumentException) {
                throw IOException("Invalid redirection: the Location of the response $status of $from is malformed", e)
            }
        try {
            Destination(to)
        } catch (e: IllegalArgumentException) {
            throw IOException("Invalid redirection of $from: ${e.message}", e)
        }
        return to
    }

    private fun isIn(
        names: Array<String>,
        name: String,
    ) = names.any { it.equals(name, ignoreCase = true) }

    /** What tells one server who the user is, and is no other server's business. */
    private val CREDENTIALS = arrayOf("Authorization", "Proxy-Authorization", "Cookie", "Cookie2")

    private val ABOUT_CONTENT = arrayOf("Content-Type", "Content-Encoding", "Content-Language", "Content-Location", "Content-Length")
}

/** [original], sent to another place. */
private class FollowingRequest(
    private val original: HttpRequest,
    private val uri: URI,
    private val method: String,
    private val headers: HttpHeaders,
    private val keepsBody: Boolean,
) : HttpRequest() {
    override fun bodyPublisher(): Optional<BodyPublisher> = if (keepsBody) original.bodyPublisher() else Optional.empty()

    override fun method() = method

    override fun timeout() = original.timeout()

    override fun expectContinue() = keepsBody && original.expectContinue()

    override fun uri() = uri

    override fun version() = original.version()

    override fun headers() = headers

    override fun toString() = "$uri $method"
}
