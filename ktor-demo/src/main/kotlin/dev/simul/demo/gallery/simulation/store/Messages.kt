// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

/** A candidate asks for a vote, and says where its log ends. Source: `RequestVote` of the paper. */
internal data class VoteRequest(
    val term: Int,
    val candidate: String,
    val lastIndex: Int,
    val lastTerm: Int,
) {
    val text get() = "$term $candidate $lastIndex $lastTerm"

    /** Whether the candidate's log has all that was committed, as far as [log] knows. */
    fun isUpToDate(log: Log): Boolean = lastTerm > log.lastTerm || (lastTerm == log.lastTerm && lastIndex >= log.lastIndex)

    internal companion object {
        fun parse(text: String): VoteRequest {
            val words = text.split(' ')
            return VoteRequest(words[0].toInt(), words[1], words[2].toInt(), words[3].toInt())
        }
    }
}

internal data class VoteReply(
    val term: Int,
    val isGranted: Boolean,
) {
    val text get() = "$term $isGranted"

    internal companion object {
        fun parse(text: String) = text.split(' ').let { VoteReply(it[0].toInt(), it[1].toBoolean()) }
    }
}

/** A leader sends the entries after [previousIndex], if there are any, and how far all is committed. Source: `AppendEntries` of the paper. */
internal data class AppendRequest(
    val term: Int,
    val leader: String,
    val previousIndex: Int,
    val previousTerm: Int,
    val committed: Int,
    val entries: List<Entry>,
) {
    val text get() = (listOf("$term $leader $previousIndex $previousTerm $committed") + entries.map { it.text }).joinToString("\n")

    internal companion object {
        fun parse(text: String): AppendRequest {
            val lines = text.split('\n')
            val words = lines[0].split(' ')
            val (previousIndex, previousTerm, committed) = words.drop(2).map { it.toInt() }
            return AppendRequest(words[0].toInt(), words[1], previousIndex, previousTerm, committed, lines.drop(1).map(Entry::parse))
        }
    }
}

/** [index] is the last entry that is now the same in both logs; if the follower has refused, the last one that might be. */
internal data class AppendReply(
    val term: Int,
    val isAccepted: Boolean,
    val index: Int,
) {
    val text get() = "$term $isAccepted $index"

    internal companion object {
        fun parse(text: String) = text.split(' ').let { AppendReply(it[0].toInt(), it[1].toBoolean(), it[2].toInt()) }
    }
}
