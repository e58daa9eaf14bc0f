// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

/**
 * A request of a server or proxy to authenticate: a scheme, and parameters.
 *
 * Source: RFC 9110, section 11.6.1.
 */
internal class Challenge(
    val scheme: String,
    private val parameters: Map<String, String>,
) {
    val realm: String? get() = parameters["realm"]

    /** How the user's name and password become bytes. */
    val isUtf8: Boolean get() = parameters["charset"].equals("UTF-8", ignoreCase = true)

    override fun toString(): String = "<Challenge $scheme>"

    companion object {
        /** The challenges in the values of the header `WWW-Authenticate` or `Proxy-Authenticate`; a value can have several. */
        fun parse(values: List<String>): List<Challenge> = values.flatMap { ChallengeParser(it).parse() }
    }
}

/**
 * Parses a list whose items are separated by commas, and in each of which commas separate the parameters too: an item is a scheme if a blank
 * or the end follows it, and a parameter if a sign of equality does.
 */
private class ChallengeParser(
    private val text: String,
) {
    private var next = 0
    private val challenges = ArrayList<Challenge>()
    private var parameters = HashMap<String, String>()

    fun parse(): List<Challenge> {
        while (skip { it == ' ' || it == '\t' || it == ',' }) {
            val token = takeWhile { it !in " \t,=\"" }
            if (token.isEmpty()) next++ else takeItem(token)
        }
        return challenges
    }

    private fun takeItem(token: String) {
        val end = next
        skip { it == ' ' || it == '\t' }
        val isParameter = next < text.length && text[next] == '=' && challenges.isNotEmpty()
        if (isParameter) {
            next++
            skip { it == ' ' || it == '\t' }
            parameters.putIfAbsent(token.lowercase(), takeValue())
        } else {
            next = end
            parameters = HashMap()
            challenges += Challenge(token, parameters)
            skipToken68()
        }
    }

    /** Skips the one word that some schemes have in place of parameters. */
    private fun skipToken68() {
        val start = next
        skip { it == ' ' || it == '\t' }
        val word = takeWhile { it !in " \t,\"" }
        val isWord = word.isNotEmpty() && (word.endsWith('=') || '=' !in word)
        skip { it == ' ' || it == '\t' }
        if (!isWord || (next < text.length && text[next] in "=\"")) next = start
    }

    private fun takeValue(): String {
        if (next == text.length || text[next] != '"') return takeWhile { it !in " \t," }
        next++
        return buildString {
            while (next < text.length && text[next] != '"') {
                if (text[next] == '\\' && next + 1 < text.length) next++
                append(text[next++])
            }
            next++
        }
    }

    private inline fun takeWhile(isTaken: (Char) -> Boolean): String {
        val start = next
        while (next < text.length && isTaken(text[next])) next++
        return text.substring(start, next)
    }

    /** Returns whether there is anything left. */
    private inline fun skip(isSkipped: (Char) -> Boolean): Boolean {
        while (next < text.length && isSkipped(text[next])) next++
        return next < text.length
    }
}
