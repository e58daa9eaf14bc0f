// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.server

import io.ktor.server.response.ResponseHeaders
import dev.simul.http.Headers as HttpHeaders
import io.ktor.http.Headers as KtorHeaders

/** The header fields of a response. */
internal class SentHeaders : ResponseHeaders() {
    private val names = ArrayList<String>()
    private val values = ArrayList<String>()

    /** What the body is said to be long, in bytes. */
    var contentLength: Long? = null
        private set

    override fun engineAppendHeader(
        name: String,
        value: String,
    ) {
        if (name.equals("Content-Length", ignoreCase = true)) contentLength = value.toLong()
        names += name
        values += value
    }

    override fun get(name: String): String? =
        names.indexOfFirst { it.equals(name, ignoreCase = true) }.let { if (it < 0) null else values[it] }

    override fun getEngineHeaderNames(): List<String> = names.distinctBy { it.lowercase() }

    override fun getEngineHeaderValues(name: String): List<String> =
        names.indices.filter { names[it].equals(name, ignoreCase = true) }.map(values::get)

    /** As they are sent, without those about the body's length and the connection, which are the exchange's to say. */
    fun build(): HttpHeaders {
        val builder = HttpHeaders.Builder()
        for (i in names.indices) if (!isOfExchange(names[i], values[i])) builder.add(names[i], values[i].asOctets())
        return builder.build()
    }

    private fun isOfExchange(
        name: String,
        value: String,
    ) = when (name.length) {
        "Connection".length -> name.equals("Connection", ignoreCase = true) && value.equals("keep-alive", ignoreCase = true)
        "Content-Length".length -> name.equals("Content-Length", ignoreCase = true)
        "Transfer-Encoding".length -> name.equals("Transfer-Encoding", ignoreCase = true)
        else -> false
    }

    companion object {
        /** Fields for the end of a body. */
        fun of(trailers: KtorHeaders): HttpHeaders {
            val builder = HttpHeaders.Builder()
            trailers.forEach { name, values -> for (value in values) builder.add(name, value.asOctets()) }
            return builder.build()
        }

        /** Text beyond ASCII goes as UTF-8, as with Ktor's CIO engine. */
        private fun String.asOctets() = if (all { it <= '\u007f' }) this else String(toByteArray(), Charsets.ISO_8859_1)
    }
}
