// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import java.nio.charset.Charset
import java.nio.charset.IllegalCharsetNameException
import java.nio.charset.UnsupportedCharsetException

/** The charset that [contentType] names; UTF-8 if it names none, or one that the JVM does not have. */
internal fun charsetOf(contentType: String?): Charset {
    val name = contentType?.let { parameterOf(it, "charset") } ?: return Charsets.UTF_8
    return try {
        Charset.forName(name)
    } catch (_: IllegalCharsetNameException) {
        Charsets.UTF_8
    } catch (_: UnsupportedCharsetException) {
        Charsets.UTF_8
    }
}

/** The value of the parameter [name] that follows [value], without quotes; null if there is none. */
private fun parameterOf(
    value: String,
    name: String,
): String? {
    var from = value.indexOf(';')
    while (from >= 0) {
        val end = endOfParameter(value, from + 1)
        val equals = value.indexOf('=', from)
        if (equals in 0 until end && value.substring(from + 1, equals).trim().equals(name, ignoreCase = true)) {
            return value.substring(equals + 1, end).trim().removeSurrounding("\"")
        }
        from = if (end < value.length) end else -1
    }
    return null
}

/** The index of the next semicolon that is not in quotes; the length if there is none. */
private fun endOfParameter(
    value: String,
    from: Int,
): Int {
    var isQuoted = false
    for (i in from until value.length) {
        if (value[i] == '"') isQuoted = !isQuoted
        if (value[i] == ';' && !isQuoted) return i
    }
    return value.length
}
