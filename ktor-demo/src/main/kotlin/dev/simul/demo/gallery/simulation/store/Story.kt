// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

import kotlin.time.Duration

/**
 * What has happened, for people: a line each, with the time and who did it.
 *
 * @param now the time since the beginning.
 * @param log is told each line too, without the time.
 */
internal class Story(
    private val now: () -> Duration,
    private val log: (String) -> Unit,
) {
    private val lines = ArrayList<String>()
    private val leaders = HashMap<Int, String>()

    /** Who has come to lead last. */
    var leader: String? = null
        private set

    /** Who has voted last. */
    var voter: String? = null
        private set

    /** Two leaders of one term; null as long as there are none. */
    var rivals: String? = null
        private set

    /** How many terms had a leader. */
    val terms get() = leaders.size

    fun tell(
        who: String,
        what: String,
    ) {
        lines += "${now().inWholeMilliseconds}".padStart(WIDTH) + " ms  ${who.padEnd(LONGEST_NAME)} $what"
        log("$who $what")
    }

    fun votes(
        who: String,
        candidate: String,
        term: Int,
    ) {
        tell(who, "votes for $candidate in term $term")
        voter = who
    }

    fun leads(
        who: String,
        term: Int,
    ) {
        tell(who, "leads in term $term")
        leader = who
        val other = leaders.put(term, who)
        if (other != null) rivals = "$other and $who both lead in term $term"
    }

    override fun toString() = lines.joinToString("\n")

    private companion object {
        const val WIDTH = 5
        const val LONGEST_NAME = 4
    }
}
