// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

/**
 * A character and its name, as `Character.getName` gives it: that is Unicode's own, but for ideographs and syllables that have
 * numbers for names, where it is that of their block with the number.
 */
internal class NamedCharacter(
    private val codePoint: Int,
) {
    val char: String get() = Character.toString(codePoint)

    val name: String get() = Character.getName(codePoint)

    /** A line about it: `U+1F600`, the character and its name, with tabs between them. */
    override fun toString(): String = "U+%04X\t%s\t%s".format(codePoint, char, name)
}
