// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

/** The classes of octets in a message's head. Source: RFC 9110, sections 5.5 and 5.6.2; RFC 9112, section 3.2. */
internal object Octets {
    const val TAB: Byte = 9
    const val LF: Byte = 10
    const val CR: Byte = 13
    const val SPACE: Byte = 32
    const val COLON: Byte = 58

    private const val TOKEN = 1
    private const val VALUE = 2
    private const val TARGET = 4

    private val classes =
        ByteArray(256).also {
            for (octet in 0x21..0xFF) if (octet != 0x7F) it[octet] = VALUE.toByte()
            for (octet in 0x21..0x7E) if (octet != '#'.code) it[octet] = (VALUE or TARGET).toByte()
            for (letter in TOKEN_LETTERS) it[letter.code] = (it[letter.code].toInt() or TOKEN).toByte()
            for (blank in listOf(TAB, SPACE)) it[blank.toInt()] = VALUE.toByte()
        }

    private fun isOf(
        kind: Int,
        octet: Int,
    ) = classes[octet and 0xFF].toInt() and kind != 0

    /** Whether it may be in a method or in the name of a field. */
    fun isToken(octet: Int): Boolean = isOf(TOKEN, octet)

    /** Whether it may be in a field's value or in a reason phrase: no control character but a tab. */
    fun isValue(octet: Int): Boolean = isOf(VALUE, octet)

    /** Whether it may be in a request's target: no fragment, no blank, and nothing beyond ASCII. */
    fun isTarget(octet: Int): Boolean = isOf(TARGET, octet)

    fun isBlank(octet: Byte): Boolean = octet == SPACE || octet == TAB

    /** The value of a digit in base 16; -1 if it is none. */
    fun hexDigit(octet: Int): Int =
        when (octet) {
            in '0'.code..'9'.code -> octet - '0'.code
            in 'a'.code..'f'.code -> octet - 'a'.code + 10
            in 'A'.code..'F'.code -> octet - 'A'.code + 10
            else -> -1
        }

    /** Of ASCII only, as field names are compared. */
    fun lowercase(octet: Int): Int = if (octet in 'A'.code..'Z'.code) octet or 0x20 else octet

    /** What came, for a message: at most [MOST_QUOTED] octets of it, and no control character. */
    fun quote(
        bytes: ByteArray,
        from: Int,
        to: Int,
    ): String =
        buildString {
            append('\'')
            for (i in from until minOf(to, from + MOST_QUOTED)) {
                val octet = bytes[i].toInt() and 0xFF
                if (octet in 0x20..0x7E) append(octet.toChar()) else append("\\x").append("%02x".format(octet))
            }
            if (to - from > MOST_QUOTED) append("…")
            append('\'')
        }

    private const val MOST_QUOTED = 40
}

private val TOKEN_LETTERS = ('0'..'9') + ('a'..'z') + ('A'..'Z') + "!#$%&'*+-.^_`|~".toList()
