// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

/** All 676 codes of two letters, AA to ZZ, whether they are a country's or not. */
internal val everyCode: List<String> = ('A'..'Z').flatMap { codesFrom(it) }

/** The 26 codes of two letters that begin with [letter], whether they are a country's or not. */
internal fun codesFrom(letter: Char): List<String> = ('A'..'Z').map { "$letter$it" }

/** The codes that [given] stands for, which is one of a member state, or one letter; null if it is neither. In capitals or not. */
internal fun codesOf(given: String): List<String>? {
    val code = given.map { it.uppercaseChar() }.joinToString("")
    return when {
        code in memberStates -> listOf(code)
        code.length == 1 && code[0] in 'A'..'Z' -> codesFrom(code[0])
        else -> null
    }
}
