// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import io.ktor.http.Headers
import java.util.TreeMap
import dev.simul.http.Headers as HttpHeaders

/** The header fields of a message as Ktor sees them, without a copy. */
internal class ReceivedHeaders(
    private val headers: HttpHeaders,
) : Headers {
    override val caseInsensitiveName: Boolean get() = true

    override fun get(name: String): String? = headers[name]

    override fun contains(name: String): Boolean = name in headers

    override fun getAll(name: String): List<String>? = headers.getAll(name).ifEmpty { null }

    override fun isEmpty(): Boolean = headers.size == 0

    override fun names(): Set<String> = grouped().keys

    override fun entries(): Set<Map.Entry<String, List<String>>> = grouped().entries

    override fun forEach(body: (String, List<String>) -> Unit): Unit = grouped().forEach { (name, values) -> body(name, values) }

    private fun grouped(): Map<String, List<String>> {
        val all = TreeMap<String, MutableList<String>>(String.CASE_INSENSITIVE_ORDER)
        for (i in 0 until headers.size) all.getOrPut(headers.name(i)) { ArrayList(1) } += headers.value(i)
        return all
    }

    override fun toString(): String = "Headers ${entries()}"
}
