// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

/** A command, and the term of the leader that has put it into the log. The first entry of each term has no command. */
internal data class Entry(
    val term: Int,
    val command: Command?,
) {
    val text get() = "$term ${command?.text.orEmpty()}".trimEnd()

    internal companion object {
        fun parse(text: String): Entry {
            val term = text.substringBefore(' ')
            return Entry(term.toInt(), if (term == text) null else Command.parse(text.substringAfter(' ')))
        }
    }
}

/** The commands in the order in which all servers apply them. Its first entry has the index 1. */
internal class Log {
    private val entries = ArrayList<Entry>()

    val lastIndex get() = entries.size

    val lastTerm get() = termAt(lastIndex)

    operator fun get(index: Int): Entry = entries[index - 1]

    /** The term of an entry; 0 before the first one. */
    fun termAt(index: Int): Int = if (index == 0) 0 else this[index].term

    fun append(entry: Entry) {
        entries += entry
    }

    /** Whether it has the entry at [index], from that term: all that comes before is then the same, too. */
    fun matches(
        index: Int,
        term: Int,
    ): Boolean = index <= lastIndex && termAt(index) == term

    fun after(index: Int): List<Entry> = entries.drop(index)

    /** Puts [following] after the entry at [index], in place of what another leader has put there. */
    fun replaceAfter(
        index: Int,
        following: List<Entry>,
    ) {
        for ((offset, entry) in following.withIndex()) {
            val place = index + 1 + offset
            if (matches(place, entry.term)) continue
            while (lastIndex >= place) entries.removeAt(lastIndex - 1)
            entries += entry
        }
    }
}
