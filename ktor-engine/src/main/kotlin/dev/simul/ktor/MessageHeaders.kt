// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import io.ktor.http.Headers
import java.util.AbstractMap.SimpleImmutableEntry

/** The fields of a message as Ktor sees them; nothing is copied until it is asked for. */
internal class MessageHeaders(
    private val fields: dev.simul.http.Headers,
) : Headers {
    override val caseInsensitiveName: Boolean get() = true

    override fun get(name: String): String? = fields[name]

    override fun getAll(name: String): List<String>? = fields.getAll(name).ifEmpty { null }

    override fun contains(name: String): Boolean = name in fields

    override fun contains(
        name: String,
        value: String,
    ): Boolean = value in fields.getAll(name)

    override fun isEmpty(): Boolean = fields.size == 0

    /** Each name once, as it came first. */
    override fun names(): Set<String> = fields.map { it.name }.distinctBy { it.lowercase() }.toSet()

    override fun entries(): Set<Map.Entry<String, List<String>>> =
        names().mapTo(LinkedHashSet()) { SimpleImmutableEntry(it, fields.getAll(it)) }

    override fun toString(): String = "Headers ${entries()}"
}
