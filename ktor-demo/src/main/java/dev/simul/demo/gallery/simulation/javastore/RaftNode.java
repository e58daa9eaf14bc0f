// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import dev.simul.demo.gallery.simulation.store.Bug;
import dev.simul.facade.Future;
import dev.simul.facade.TaskGroup;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.Asyncio.createFuture;

/**
 * One server of a group that agrees on a log.
 *
 * <p>It is always in one of three roles: a follower, until it hears of no leader for a while; then a candidate, until it or another one
 * has most votes; then perhaps the leader, until it hears of a later term. The leader alone takes commands. An entry is committed, and is
 * never lost, once most servers have it on their disks.
 *
 * <p>Source: Ongaro and Ousterhout, "In Search of an Understandable Consensus Algorithm", 2014.
 */
final class RaftNode {
    enum Role {
        FOLLOWER,
        CANDIDATE,
        LEADER
    }

    final String name;
    final List<String> peers;
    final Disk disk;
    final Messenger messenger;
    final Story story;
    final TaskGroup tasks;
    final @Nullable Bug bug;
    final Election election;
    final Replication replication;
    private final StateMachine machine;
    private final Map<Integer, Future<@Nullable String>> waiting = new HashMap<>();
    private Role role = Role.FOLLOWER;
    private @Nullable String leader;
    private int committed;

    RaftNode(String name, List<String> peers, Disk disk, Messenger messenger, Story story, TaskGroup tasks, @Nullable Bug bug) {
        this.name = name;
        this.peers = peers;
        this.disk = disk;
        this.messenger = messenger;
        this.story = story;
        this.tasks = tasks;
        this.bug = bug;
        machine = new StateMachine(bug);
        election = new Election(this);
        replication = new Replication(this);
        if (bug == Bug.FORGOTTEN_VOTE) {
            disk.vote = null;
        }
    }

    /** How many servers are most of them. */
    int majority() {
        return (peers.size() + 1) / 2 + 1;
    }

    Role role() {
        return role;
    }

    /** The leader of this term, as far as the server knows. */
    @Nullable String leader() {
        return leader;
    }

    /** The index of the last entry that is known to be committed. All up to it are applied. */
    int committed() {
        return committed;
    }

    /** A message of that term has come. If it is a later one, all that the server was in its own term is over. */
    void hear(int term) {
        if (term > disk.term) {
            disk.begin(term);
            follow(null);
        }
    }

    void follow(@Nullable String leader) {
        if (role == Role.LEADER) {
            story.tell(name, "leads no longer");
        }
        role = Role.FOLLOWER;
        this.leader = leader;
        waiting.values().forEach(future -> answer(future, null));
        waiting.clear();
    }

    private static void answer(@Nullable Future<@Nullable String> waiting, @Nullable String result) {
        if (waiting != null && !waiting.done()) {
            waiting.setResult(result);
        }
    }

    /** Begins a new term, with a vote for itself. */
    void stand() {
        follow(null);
        disk.begin(disk.term + 1);
        disk.vote = name;
        role = Role.CANDIDATE;
        story.tell(name, "stands for election in term " + disk.term);
    }

    void lead() {
        role = Role.LEADER;
        leader = name;
        story.leads(name, disk.term);
        replication.begin();
    }

    /** Whether it is the leader of that term. */
    boolean leads(int term) {
        return role == Role.LEADER && disk.term == term;
    }

    /** Has the group agree on a command; returns its result, or null if this server does not lead, or leads no longer. */
    @Nullable String execute(Command command) {
        if (role != Role.LEADER) {
            return null;
        }
        Future<@Nullable String> result = createFuture();
        disk.log.append(new Entry(disk.term, command));
        waiting.put(disk.log.lastIndex(), result);
        replication.announce();
        return result.await();
    }

    /** All entries up to that index are committed: applies those that are new. */
    void commit(int index) {
        while (committed < index) {
            committed++;
            Command command = disk.log.get(committed).command();
            if (command != null) {
                answer(waiting.remove(committed), machine.apply(command));
            }
        }
    }
}
