// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** How a group comes to a leader: at most one in each term, and one whose log has all that was committed. */
internal class Election(
    private val node: RaftNode,
) {
    private var deadline = Duration.ZERO
    private val votes = HashSet<String>()

    /** Stands for election each time that nobody has led for a while. */
    suspend fun watch() {
        postpone()
        while (true) {
            val left = deadline - getRunningLoop().time()
            when {
                left.isPositive() -> sleep(left)
                node.role == Role.LEADER -> postpone()
                else -> campaign()
            }
        }
    }

    /** Gives others their time, each server another one: otherwise they would all stand at once, again and again. */
    fun postpone() {
        val loop = getRunningLoop()
        deadline = loop.time() + SHORTEST + loop.random.nextInt(SPREAD).milliseconds
    }

    private fun campaign() {
        postpone()
        node.stand()
        votes.clear()
        votes += node.name
        val log = node.disk.log
        val request = VoteRequest(node.disk.term, node.name, log.lastIndex, log.lastTerm)
        for (peer in node.peers) node.tasks.createTask { askForVote(peer, request) }
    }

    /** Asks until there is an answer, or something else has decided the election. */
    private suspend fun askForVote(
        peer: String,
        request: VoteRequest,
    ) {
        while (isOpen(request.term)) {
            val reply = node.messenger.tryPost(peer, "/vote", request.text, PATIENCE)
            if (reply != null) return take(VoteReply.parse(reply), peer, request.term)
            sleep(PAUSE)
        }
    }

    private fun isOpen(term: Int) = node.role == Role.CANDIDATE && node.disk.term == term

    private fun take(
        reply: VoteReply,
        peer: String,
        term: Int,
    ) {
        node.hear(reply.term)
        if (!reply.isGranted || !isOpen(term)) return
        votes += peer
        if (votes.size >= node.majority) node.lead()
    }

    /** A candidate gets the vote if no other one has had it in this term, and if its log is not behind. */
    fun answer(request: VoteRequest): VoteReply {
        node.hear(request.term)
        val disk = node.disk
        val isFree = request.term == disk.term && (disk.vote ?: request.candidate) == request.candidate
        val isGranted = isFree && (request.isUpToDate(disk.log) || node.bug == Bug.SHORT_LOG)
        if (isGranted) {
            disk.vote = request.candidate
            node.story.votes(node.name, request.candidate, request.term)
            postpone()
        }
        return VoteReply(disk.term, isGranted)
    }

    private companion object {
        val SHORTEST = 150.milliseconds
        val PATIENCE = 100.milliseconds
        val PAUSE = 10.milliseconds

        /** In milliseconds. */
        const val SPREAD = 100
    }
}
