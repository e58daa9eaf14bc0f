// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import dev.simul.demo.gallery.simulation.javastore.Messages.VoteReply;
import dev.simul.demo.gallery.simulation.javastore.Messages.VoteRequest;
import dev.simul.demo.gallery.simulation.store.Bug;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

import static dev.simul.facade.Asyncio.getRunningLoop;
import static dev.simul.facade.Asyncio.sleep;

/** How a group comes to a leader: at most one in each term, and one whose log has all that was committed. */
final class Election {
    private static final Duration SHORTEST = Duration.ofMillis(150);
    private static final Duration PATIENCE = Duration.ofMillis(100);
    private static final Duration PAUSE = Duration.ofMillis(10);

    /** In milliseconds. */
    private static final int SPREAD = 100;

    private final RaftNode node;
    private final Set<String> votes = new HashSet<>();
    private Duration deadline = Duration.ZERO;

    Election(RaftNode node) {
        this.node = node;
    }

    /** Stands for election each time that nobody has led for a while. */
    void watch() {
        postpone();
        while (true) {
            Duration left = deadline.minus(getRunningLoop().time());
            if (left.compareTo(Duration.ZERO) > 0) {
                sleep(left).await();
            } else if (node.role() == RaftNode.Role.LEADER) {
                postpone();
            } else {
                campaign();
            }
        }
    }

    /** Gives others their time, each server another one: otherwise they would all stand at once, again and again. */
    void postpone() {
        var loop = getRunningLoop();
        deadline = loop.time().plus(SHORTEST).plusMillis(loop.random().nextInt(SPREAD));
    }

    private void campaign() {
        postpone();
        node.stand();
        votes.clear();
        votes.add(node.name);
        Log log = node.disk.log;
        var request = new VoteRequest(node.disk.term, node.name, log.lastIndex(), log.lastTerm());
        for (String peer : node.peers) {
            node.tasks.createTask(() -> askForVote(peer, request));
        }
    }

    /** Asks until there is an answer, or something else has decided the election. */
    private void askForVote(String peer, VoteRequest request) {
        while (isOpen(request.term())) {
            String reply = node.messenger.tryPost(peer, "/vote", request.text(), PATIENCE);
            if (reply != null) {
                take(VoteReply.parse(reply), peer, request.term());
                return;
            }
            sleep(PAUSE).await();
        }
    }

    private boolean isOpen(int term) {
        return node.role() == RaftNode.Role.CANDIDATE && node.disk.term == term;
    }

    private void take(VoteReply reply, String peer, int term) {
        node.hear(reply.term());
        if (reply.isGranted() && isOpen(term)) {
            votes.add(peer);
            if (votes.size() >= node.majority()) {
                node.lead();
            }
        }
    }

    /** A candidate gets the vote if no other one has had it in this term, and if its log is not behind. */
    VoteReply answer(VoteRequest request) {
        node.hear(request.term());
        Disk disk = node.disk;
        boolean isFree = request.term() == disk.term && (disk.vote == null || disk.vote.equals(request.candidate()));
        boolean isGranted = isFree && (request.isUpToDate(disk.log) || node.bug == Bug.SHORT_LOG);
        if (isGranted) {
            disk.vote = request.candidate();
            node.story.votes(node.name, request.candidate(), request.term());
            postpone();
        }
        return new VoteReply(disk.term, isGranted);
    }
}
