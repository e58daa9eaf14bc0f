// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

import dev.simul.exceptions.TimeoutException
import dev.simul.sync.Event
import dev.simul.waitFor
import kotlin.time.Duration.Companion.milliseconds

/** How a leader's log comes to the others. */
internal class Replication(
    private val node: RaftNode,
) {
    private val log = node.disk.log
    private var followers = emptyList<Follower>()

    /** What the leader knows of another server: the last entry that both have, and which one it sends next. */
    private class Follower(
        val name: String,
        var next: Int,
    ) {
        var matched = 0
        val news = Event()
    }

    /** The node leads from now on. An entry without a command commits those of earlier terms with it. */
    fun begin() {
        val term = node.disk.term
        followers = node.peers.map { Follower(it, log.lastIndex + 1) }
        log.append(Entry(term, null))
        for (follower in followers) node.tasks.createTask { replicate(follower, term) }
    }

    /** There is a new entry. */
    fun announce() {
        for (follower in followers) follower.news.set()
    }

    private suspend fun replicate(
        follower: Follower,
        term: Int,
    ) {
        while (node.leads(term)) {
            follower.news.clear()
            val reply = node.messenger.tryPost(follower.name, "/append", entriesFor(follower).text, PATIENCE)
            if (reply != null && node.leads(term)) take(AppendReply.parse(reply), follower)
            if (reply == null || follower.matched == log.lastIndex) rest(follower)
        }
    }

    private fun entriesFor(follower: Follower): AppendRequest {
        val previous = follower.next - 1
        return AppendRequest(node.disk.term, node.name, previous, log.termAt(previous), node.committed, log.after(previous))
    }

    /** Until there is something new, or until the follower must hear that its leader is still there. */
    private suspend fun rest(follower: Follower) {
        try {
            waitFor(HEARTBEAT) { follower.news.wait() }
        } catch (_: TimeoutException) {
            // Nothing is new.
        }
    }

    private fun take(
        reply: AppendReply,
        follower: Follower,
    ) {
        node.hear(reply.term)
        if (node.role != Role.LEADER) return
        follower.next = reply.index + 1
        if (!reply.isAccepted) return
        follower.matched = reply.index
        val stored = (followers.map { it.matched } + log.lastIndex).sortedDescending()[node.majority - 1]
        // An entry of an earlier term may be replaced even if most have it: it is committed with one of this term (figure 8 of the paper).
        if (log.termAt(stored) == node.disk.term) node.commit(stored)
    }

    /** A follower takes entries if what comes before them is the same in its own log. */
    fun answer(request: AppendRequest): AppendReply {
        node.hear(request.term)
        val term = node.disk.term
        if (request.term < term) return AppendReply(term, false, 0)
        node.follow(request.leader)
        node.election.postpone()
        if (!log.matches(request.previousIndex, request.previousTerm)) {
            return AppendReply(term, false, minOf(log.lastIndex, request.previousIndex - 1))
        }
        log.replaceAfter(request.previousIndex, request.entries)
        val last = request.previousIndex + request.entries.size
        node.commit(minOf(request.committed, last))
        return AppendReply(term, true, last)
    }

    private companion object {
        val HEARTBEAT = 50.milliseconds
        val PATIENCE = 100.milliseconds
    }
}
