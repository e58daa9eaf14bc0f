// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import java.util.Arrays.binarySearch

/**
 * Which characters have a word in their names, for all words there are. Building it takes a moment; then it never changes, and any
 * thread may search in it.
 */
internal class InvertedIndex {
    private val entries = HashMap<String, CodePoints>()

    init {
        for (codePoint in FIRST..Character.MAX_CODE_POINT) {
            if (Character.getType(codePoint).toByte() in NAMELESS) continue
            for (word in words(Character.getName(codePoint))) {
                entries.getOrPut(word) { CodePoints() }.add(codePoint)
            }
        }
    }

    /** The characters with all words of [query] in their names, in the order of their code points; none if it has no words. */
    fun search(query: String): List<NamedCharacter> {
        val found = words(query).map { entries[it] ?: return emptyList() }.sortedBy { it.size }
        if (found.isEmpty()) return emptyList()
        val rest = found.drop(1)
        return found.first().filter { codePoint -> rest.all { codePoint in it } }.map(::NamedCharacter)
    }

    private companion object {
        const val FIRST = 32

        /** Types of code points that Unicode has no name for. */
        val NAMELESS =
            setOf(Character.CONTROL, Character.SURROGATE, Character.PRIVATE_USE, Character.UNASSIGNED)
    }
}

/** The words of a name or a query, in upper case: what is between spaces, hyphens and the like. */
private fun words(text: String): List<String> {
    val words = ArrayList<String>()
    var begin = -1
    for (at in 0..text.length) {
        val isInside = at < text.length && (text[at].isLetterOrDigit() || text[at] == '_')
        when {
            isInside && begin < 0 -> begin = at
            !isInside && begin >= 0 -> {
                words += text.substring(begin, at).uppercase()
                begin = -1
            }
        }
    }
    return words
}

/** A set of code points, to which they are added in their order. */
private class CodePoints : Iterable<Int> {
    private var array = IntArray(1)

    var size = 0
        private set

    fun add(codePoint: Int) {
        val isThere = size > 0 && array[size - 1] == codePoint
        if (isThere) return
        if (size == array.size) array = array.copyOf(size * 2)
        array[size++] = codePoint
    }

    operator fun contains(codePoint: Int): Boolean = binarySearch(array, 0, size, codePoint) >= 0

    override fun iterator(): Iterator<Int> = (0 until size).asSequence().map { array[it] }.iterator()
}
