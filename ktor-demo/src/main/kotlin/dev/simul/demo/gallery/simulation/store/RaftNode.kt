// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

import dev.simul.Future
import dev.simul.TaskGroup
import dev.simul.createFuture
import dev.simul.loop.getRunningLoop

internal enum class Role { FOLLOWER, CANDIDATE, LEADER }

/**
 * One server of a group that agrees on a log.
 *
 * It is always in one of three roles: a follower, until it hears of no leader for a while; then a candidate, until it or another one has
 * most votes; then perhaps the leader, until it hears of a later term. The leader alone takes commands. An entry is committed, and is never
 * lost, once most servers have it on their disks.
 *
 * Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014.
 *
 * @param tasks end before the server does.
 */
internal class RaftNode(
    val name: String,
    val peers: List<String>,
    val disk: Disk,
    val messenger: Messenger,
    val story: Story,
    val tasks: TaskGroup,
    val bug: Bug?,
) {
    private val machine = StateMachine(bug)
    private val waiting = HashMap<Int, Future<String?>>()
    val election = Election(this)
    val replication = Replication(this)

    /** How many servers are most of them. */
    val majority = (peers.size + 1) / 2 + 1

    var role = Role.FOLLOWER
        private set

    /** The leader of this term, as far as the server knows. */
    var leader: String? = null
        private set

    /** The index of the last entry that is known to be committed. All up to it are applied. */
    var committed = 0
        private set

    init {
        if (bug == Bug.FORGOTTEN_VOTE) disk.vote = null
    }

    /** A message of [term] has come. If that is a later one, all that the server was in its own term is over. */
    fun hear(term: Int) {
        if (term <= disk.term) return
        disk.begin(term)
        follow(null)
    }

    fun follow(leader: String?) {
        if (role == Role.LEADER) story.tell(name, "leads no longer")
        role = Role.FOLLOWER
        this.leader = leader
        for (future in waiting.values) if (!future.done()) future.setResult(null)
        waiting.clear()
    }

    /** Begins a new term, with a vote for itself. */
    fun stand() {
        follow(null)
        disk.begin(disk.term + 1)
        disk.vote = name
        role = Role.CANDIDATE
        story.tell(name, "stands for election in term ${disk.term}")
    }

    fun lead() {
        role = Role.LEADER
        leader = name
        story.leads(name, disk.term)
        replication.begin()
    }

    /** Whether it is the leader of [term]. */
    fun leads(term: Int) = role == Role.LEADER && disk.term == term

    /** Has the group agree on [command]; returns its result, or null if this server does not lead, or leads no longer. */
    suspend fun execute(command: Command): String? {
        if (role != Role.LEADER) return null
        val result = getRunningLoop().createFuture<String?>()
        disk.log.append(Entry(disk.term, command))
        waiting[disk.log.lastIndex] = result
        replication.announce()
        return result.await()
    }

    /** All entries up to [index] are committed: applies those that are new. */
    fun commit(index: Int) {
        while (committed < index) {
            val command = disk.log[++committed].command ?: continue
            val result = machine.apply(command)
            val future = waiting.remove(committed)
            if (future?.done() == false) future.setResult(result)
        }
    }
}
