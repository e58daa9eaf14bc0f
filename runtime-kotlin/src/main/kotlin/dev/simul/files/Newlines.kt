// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

/**
 * How lines end in a file of text, by Python's rules.
 *
 * Source: the parameter `newline` of `open`, and `io.IncrementalNewlineDecoder`.
 */
internal class Newlines(
    private val given: String?,
) {
    init {
        require(given == null || given in ENDS || given.isEmpty()) {
            "newline is \"${given!!.replace("\n", "\\n").replace("\r", "\\r")}\": it is null, empty, \\n, \\r or \\r\\n"
        }
    }

    /** Whether a carriage return that ended the last piece may be the first half of an end. */
    private var mayGoOn = false

    /** What is read, from the decoded [text]. */
    fun translateRead(text: CharSequence): CharSequence {
        if (given != null || text.isEmpty()) return text
        val translated = StringBuilder(text.length)
        for (char in text) {
            if (char != '\n' || !mayGoOn) translated.append(if (char == '\r') '\n' else char)
            mayGoOn = char == '\r'
        }
        return translated
    }

    /** What is written for [text]. */
    fun translateWritten(text: String): String =
        when (val end = given ?: System.lineSeparator()) {
            "", "\n" -> text
            else -> text.replace("\n", end)
        }

    /**
     * Where the first line of [text] ends, from [from] on: behind its end. -1 if that is not known yet; a carriage return may go on, unless
     * [isAll] says that nothing follows.
     */
    fun endOfLine(
        text: CharSequence,
        from: Int,
        isAll: Boolean,
    ): Int {
        if (given != "") return (given ?: "\n").let { end -> text.indexOf(end, from).let { if (it < 0) -1 else it + end.length } }
        for (i in from until text.length) {
            if (text[i] == '\n') return i + 1
            if (text[i] != '\r') continue
            if (i + 1 < text.length) return if (text[i + 1] == '\n') i + 2 else i + 1
            return if (isAll) i + 1 else -1
        }
        return -1
    }

    /** [line] without its end. */
    fun withoutEnd(line: String): String {
        val end = (if (given.isNullOrEmpty()) ENDS.firstOrNull { line.endsWith(it) } else given) ?: return line
        return line.removeSuffix(end)
    }

    private companion object {
        val ENDS = listOf("\r\n", "\n", "\r")
    }
}
