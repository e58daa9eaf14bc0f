// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import java.net.InetSocketAddress

/** [text] as Python's `repr()` shows it, on one line whatever is in it: `'cat'`, `'\x00'`. */
internal fun repr(text: String): String {
    val quote = if ('\'' in text && '"' !in text) '"' else '\''
    return buildString {
        append(quote)
        text.codePoints().forEach { append(escaped(it, quote)) }
        append(quote)
    }
}

/** [address] as Python shows it: `('127.0.0.1', 2323)`. */
internal fun repr(address: InetSocketAddress): String = "(${repr(address.address.hostAddress)}, ${address.port})"

private fun escaped(
    codePoint: Int,
    quote: Char,
): String =
    when {
        codePoint == quote.code || codePoint == '\\'.code -> "\\${codePoint.toChar()}"
        codePoint == '\t'.code -> "\\t"
        codePoint == '\n'.code -> "\\n"
        codePoint == '\r'.code -> "\\r"
        isPrintable(codePoint) -> Character.toString(codePoint)
        codePoint < 0x100 -> "\\x%02x".format(codePoint)
        codePoint < 0x10000 -> "\\u%04x".format(codePoint)
        else -> "\\U%08x".format(codePoint)
    }

private fun isPrintable(codePoint: Int): Boolean = codePoint == ' '.code || Character.getType(codePoint).toByte() !in UNPRINTABLE

private val UNPRINTABLE =
    setOf(
        Character.CONTROL,
        Character.FORMAT,
        Character.SURROGATE,
        Character.PRIVATE_USE,
        Character.UNASSIGNED,
        Character.LINE_SEPARATOR,
        Character.PARAGRAPH_SEPARATOR,
        Character.SPACE_SEPARATOR,
    )
