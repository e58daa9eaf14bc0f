// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

/** What can be done with the value of a key, which is empty at first. */
internal enum class Verb { GET, PUT, APPEND }

/** One thing to do with one key. Keys and values have no blanks. */
internal data class Operation(
    val verb: Verb,
    val key: String,
    val value: String = "",
) {
    override fun toString() = "${verb.name.lowercase()} $key $value".trimEnd()
}

/** An operation that a client asks for. Each new one has a higher [number]; a retry has that of its first attempt. */
internal data class Command(
    val client: String,
    val number: Int,
    val operation: Operation,
) {
    val text get() = "$client $number $operation"

    internal companion object {
        fun parse(text: String): Command {
            val words = text.split(' ')
            val verb = Verb.valueOf(words[2].uppercase())
            return Command(words[0], words[1].toInt(), Operation(verb, words[3], words.getOrElse(4) { "" }))
        }
    }
}
