// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.http.Headers
import java.net.http.HttpRequest

/**
 * The header fields of a request: `Host`, the user's own, and what the client adds to them.
 *
 * The JDK's builder of requests refuses `Connection`, `Content-Length`, `Expect`, `Host` and `Upgrade`, unless the system property
 * `jdk.httpclient.allowRestrictedHeaders` allows them; what it allows, or another implementation of [HttpRequest] has, is sent.
 *
 * @param cookies the values of `Cookie` that the cookie handler has given.
 * @param authorization for the server, from the authenticator; null if there is none.
 * @throws IllegalArgumentException if a field is malformed, or says how the body ends.
 */
internal fun fieldsOf(
    request: HttpRequest,
    destination: Destination,
    cookies: List<String>?,
    authorization: String?,
    asksBeforeBody: Boolean,
): Headers {
    val given = request.headers().map()
    val fields = Headers.Builder()
    if (given.isEmpty()) {
        fields.add("Host", destination.authority).add("User-Agent", USER_AGENT)
    } else {
        if ("host" !in given) fields.add("Host", destination.authority)
        if ("user-agent" !in given) fields.add("User-Agent", USER_AGENT)
        for ((name, values) in given) addGiven(fields, request, name, values)
    }
    val all = if (given.isEmpty()) cookies else given["cookie"].orEmpty() + cookies.orEmpty()
    if (!all.isNullOrEmpty()) fields.add("Cookie", all.joinToString("; "))
    if (authorization != null) fields.add("Authorization", authorization)
    if (asksBeforeBody && "expect" !in given) fields.add("Expect", "100-continue")
    return fields.build()
}

private fun addGiven(
    fields: Headers.Builder,
    request: HttpRequest,
    name: String,
    values: List<String>,
) {
    when {
        name.equals("Cookie", ignoreCase = true) || name.equals("Proxy-Authorization", ignoreCase = true) -> {}
        name.equals("Content-Length", ignoreCase = true) -> checkLength(request, values)
        name.equals("Transfer-Encoding", ignoreCase = true) ->
            throw IllegalArgumentException("the request has the header $name: how the body is sent follows from its publisher")
        else -> for (value in values) fields.add(name, value)
    }
}

/** The length is the publisher's to say; another one would break the connection. */
private fun checkLength(
    request: HttpRequest,
    values: List<String>,
) {
    val length = request.bodyPublisher().map { it.contentLength() }.orElse(0)
    require(values.all { it == length.toString() }) { "the request has the Content-Length $values, but its publisher says $length" }
}

private const val USER_AGENT = "Simul"
