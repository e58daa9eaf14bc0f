// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.javastore;

import dev.simul.demo.gallery.simulation.javastore.Messages.AppendReply;
import dev.simul.demo.gallery.simulation.javastore.Messages.AppendRequest;
import dev.simul.facade.Event;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

import static dev.simul.facade.Asyncio.await;
import static dev.simul.facade.Asyncio.waitFor;

/** How a leader's log comes to the others. */
final class Replication {
    private static final Duration HEARTBEAT = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofMillis(100);

    private final RaftNode node;
    private final Log log;
    private List<Follower> followers = List.of();

    /** What the leader knows of another server: the last entry that both have, and which one it sends next. */
    private static final class Follower {
        final String name;
        final Event news = new Event();
        int next;
        int matched;

        Follower(String name, int next) {
            this.name = name;
            this.next = next;
        }
    }

    Replication(RaftNode node) {
        this.node = node;
        log = node.disk.log;
    }

    /** The node leads from now on. An entry without a command commits those of earlier terms with it. */
    void begin() {
        int term = node.disk.term;
        int next = log.lastIndex() + 1;
        followers = node.peers.stream().map(name -> new Follower(name, next)).toList();
        log.append(new Entry(term, null));
        for (Follower follower : followers) {
            node.tasks.createTask(() -> replicate(follower, term));
        }
    }

    /** There is a new entry. */
    void announce() {
        followers.forEach(follower -> follower.news.set());
    }

    private void replicate(Follower follower, int term) {
        while (node.leads(term)) {
            follower.news.clear();
            String reply = node.messenger.tryPost(follower.name, "/append", entriesFor(follower).text(), PATIENCE);
            if (reply != null && node.leads(term)) {
                take(AppendReply.parse(reply), follower);
            }
            if (reply == null || follower.matched == log.lastIndex()) {
                rest(follower);
            }
        }
    }

    private AppendRequest entriesFor(Follower follower) {
        int previous = follower.next - 1;
        return new AppendRequest(
                node.disk.term, node.name, previous, log.termAt(previous), node.committed(), log.after(previous));
    }

    /** Until there is something new, or until the follower must hear that its leader is still there. */
    private static void rest(Follower follower) {
        try {
            await(waitFor(follower.news.waitUntilSet(), HEARTBEAT), TimeoutException.class);
        } catch (TimeoutException e) {
            // Nothing is new.
        }
    }

    private void take(AppendReply reply, Follower follower) {
        node.hear(reply.term());
        if (node.role() != RaftNode.Role.LEADER) {
            return;
        }
        follower.next = reply.index() + 1;
        if (!reply.isAccepted()) {
            return;
        }
        follower.matched = reply.index();
        // An entry of an earlier term may be replaced even if most have it: it is committed with one of this term (figure 8 of the paper).
        int stored = stored();
        if (log.termAt(stored) == node.disk.term) {
            node.commit(stored);
        }
    }

    /** The last entry that most servers have. */
    private int stored() {
        var matched = IntStream.concat(IntStream.of(log.lastIndex()), followers.stream().mapToInt(it -> it.matched));
        return matched.boxed().sorted(Comparator.reverseOrder()).toList().get(node.majority() - 1);
    }

    /** A follower takes entries if what comes before them is the same in its own log. */
    AppendReply answer(AppendRequest request) {
        node.hear(request.term());
        int term = node.disk.term;
        if (request.term() < term) {
            return new AppendReply(term, false, 0);
        }
        node.follow(request.leader());
        node.election.postpone();
        int previous = request.previousIndex();
        if (!log.matches(previous, request.previousTerm())) {
            return new AppendReply(term, false, Math.min(log.lastIndex(), previous - 1));
        }
        log.replaceAfter(previous, request.entries());
        int last = previous + request.entries().size();
        node.commit(Math.min(request.committed(), last));
        return new AppendReply(term, true, last);
    }
}
