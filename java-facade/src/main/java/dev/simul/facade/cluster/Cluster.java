// SPDX-License-Identifier: Apache-2.0
package dev.simul.facade.cluster;

import com.hazelcast.core.HazelcastInstance;
import dev.simul.cluster.ClusterMember;
import dev.simul.cluster.ClusterWork;
import dev.simul.cluster.MemberResult;
import dev.simul.cluster.MembershipChange;
import dev.simul.facade.AsyncCloseable;
import dev.simul.facade.AsyncIterable;
import dev.simul.facade.Future;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

import static dev.simul.facade.cluster.Calls.call;
import static dev.simul.facade.cluster.Calls.callForItems;
import static dev.simul.facade.cluster.Calls.callForNothing;

/**
 * This process as a member of a cluster: it does works for the others, has them do its own, and exchanges messages with them.
 *
 * <pre>{@code
 * var options = new ClusterOptions().address("10.0.0.1");
 * try (var cluster = Cluster.start("shop", List.of("10.0.0.1", "10.0.0.2"), options).await()) {
 *     var prices = cluster.runInExecutor(() -> computePrices()).await();
 * }
 * }</pre>
 *
 * <p>It is an embedded member of Hazelcast, in its open edition; there is no server to install. What that cannot promise, this does not
 * either:
 *
 * <ul>
 *   <li>A member that is cut off from the others, or silent for too long, is taken for dead, and may still live and work. Then both halves
 *       go on by themselves, each as a cluster, until they merge: so a work that may be retried can run twice at the same time.
 *   <li>There are no locks, no elections and no counters that hold under such a split: those of Hazelcast, its CP subsystem, belong to its
 *       enterprise edition. For these use a database.
 *   <li>There are no passwords and no TLS: whoever reaches a member's port runs code in its process. The default is loopback; everywhere
 *       else a member needs a network of its own.
 * </ul>
 *
 * <p>It belongs to the loop that has started it: a task of another loop starts a member of its own, or has this loop do what it wants by
 * {@code runCoroutineThreadsafe}. It has to be closed: it has threads that keep the JVM alive.
 *
 * <p>asyncio has no equivalent; {@code dask.distributed} and Celery have a part of it each.
 */
public final class Cluster implements AsyncCloseable {
    private static final int BUFFER = 1_024;

    private final dev.simul.cluster.Cluster delegate;

    private Cluster(dev.simul.cluster.Cluster delegate) {
        this.delegate = delegate;
    }

    /** As {@link #start(String, List, ClusterOptions)}, on loopback. */
    public static Future<Cluster> start(String name) {
        return start(name, List.of("127.0.0.1"), new ClusterOptions());
    }

    /**
     * Starts a member in this process, and waits until it has found the others, or found that there are none: then it is a cluster by
     * itself, which others join later. Members that start at the same moment may miss each other, and meet some ten seconds later.
     *
     * <p>By default it listens on loopback alone. It neither multicasts nor tells Hazelcast's makers that it is used. Cancelling the future
     * ends the wait; the member leaves as soon as it has joined.
     *
     * @param name what all members of one cluster call it
     * @param members where to look for others, as {@code 10.0.0.1:5701}, or {@code 10.0.0.1} for {@link ClusterOptions#port} and the two
     *     ports after it; one member that is there is enough. Where more than three members share a machine, those at later ports are not
     *     looked for when the first three have ended: name their ports
     * @return fails with an {@link IllegalStateException} if it cannot start, since no port is free, say
     */
    public static Future<Cluster> start(String name, List<String> members, ClusterOptions options) {
        return call(
                continuation -> dev.simul.cluster.Cluster.Companion.start(name, members, options.toRuntime(), continuation), Cluster::new);
    }

    /**
     * Hazelcast's own instance, for what this does not cover. Its methods that block belong into {@code toThread}; stages that it returns
     * are awaited by {@code wrapFuture}.
     */
    public HazelcastInstance hazelcast() {
        return delegate.getHazelcast();
    }

    /** The name that its members share; others do not join. */
    public String name() {
        return delegate.getName();
    }

    /** This process. */
    public ClusterMember localMember() {
        return delegate.getLocalMember();
    }

    /** All members, this one included, the one that has joined first at the beginning. */
    public List<ClusterMember> members() {
        return delegate.getMembers();
    }

    /** As {@link #runInExecutor(boolean, ClusterWork)}, at most once. */
    public <T extends @Nullable Object> Future<T> runInExecutor(ClusterWork<T> work) {
        return runInExecutor(false, work);
    }

    /**
     * Has one member do {@code work}, the one that has the fewest of this one's. It may be this member.
     *
     * <p>What the work throws the future fails with; a suppressed exception names the member. Cancelling the future ends the wait at once,
     * and cancels the work: it does not begin if it has not, and its thread is interrupted if it has. If this member has
     * {@link ClusterOptions#maxPending} calls at that one, further ones wait for their turn; what they capture is serialized before, and held.
     *
     * <p>Source: {@code loop.run_in_executor(ProcessPoolExecutor(), func)}.
     *
     * @param retry whether another member may do the work again if its member is lost: then it is done at least once, and as
     *     often as members are lost, without a bound: a work that kills its JVM kills one member after another. Otherwise it is done at
     *     most once: it goes to another member only if it has certainly not begun
     * @return fails with a {@link dev.simul.cluster.MemberLostException} if the member dies, leaves, or does not answer, unless
     *     {@code retry} is true; with a {@link java.io.NotSerializableException} if the work captures what is not serializable; with an
     *     {@link IllegalStateException} if the cluster is closed, or belongs to another loop
     */
    public <T extends @Nullable Object> Future<T> runInExecutor(boolean retry, ClusterWork<T> work) {
        return call(continuation -> delegate.runInExecutor(retry, work, continuation));
    }

    /** As {@link #runOnKeyOwner(Object, boolean, ClusterWork)}, at most once. */
    public <T extends @Nullable Object> Future<T> runOnKeyOwner(Object key, ClusterWork<T> work) {
        return runOnKeyOwner(key, false, work);
    }

    /**
     * As {@link #runInExecutor}, at the member that owns {@code key} among Hazelcast's partitions: works of one key meet at one member, as
     * long as none joins or leaves.
     *
     * @param key what Hazelcast can serialize: a string, or a number
     * @param retry whether the next owner may do the work again if the member is lost
     */
    public <T extends @Nullable Object> Future<T> runOnKeyOwner(Object key, boolean retry, ClusterWork<T> work) {
        return call(continuation -> delegate.runOnKeyOwner(key, retry, work, continuation));
    }

    /** As {@link #runInExecutor}, at {@code member} and no other. */
    public <T extends @Nullable Object> Future<T> runOnMember(ClusterMember member, ClusterWork<T> work) {
        return call(continuation -> delegate.runOnMember(member, work, continuation));
    }

    /**
     * As {@link #runInExecutor}, at all members at once, this one included: done when each has done {@code work}, has failed at it, or is
     * lost. Cancelling the future cancels the work everywhere.
     *
     * @return how it has ended at each member
     */
    public <T extends @Nullable Object> Future<Map<ClusterMember, MemberResult<T>>> runOnAll(ClusterWork<T> work) {
        return call(continuation -> delegate.runOnAll(work, continuation));
    }

    /**
     * A topic for what is soon out of date: messages reach, once and in the order of each sender, those members that listen and are there
     * when they are sent; they are lost on the way to one that is not. A reader whose buffer is full loses messages too, and its generator
     * fails with a {@link dev.simul.cluster.MessagesLostException} after what it has: nobody waits for it.
     *
     * <p>It is Hazelcast's {@code ITopic} of that name, at most once.
     */
    public <T> Future<Topic<T>> topic(String name) {
        return Topic.called(continuation -> delegate.topic(name, continuation));
    }

    /**
     * A topic that keeps its last 10,000 messages, on two members if there are two: a reader that is slow, or that was cut off, finds what
     * was sent meanwhile, in one order for all. If it falls further behind, its generator fails with a
     * {@link dev.simul.cluster.MessagesLostException}. Publishing does not wait for readers.
     *
     * <p>It is Hazelcast's ring buffer of that name, of which {@link ClusterOptions#configure} can set the capacity and the number of
     * backups. If all members that have it die, the messages are lost, and a new ring buffer begins: a reader fails with a
     * {@link dev.simul.cluster.MessagesLostException} at the next message that comes while it waits. What it cannot see: that the new one has
     * got as far by then as it had read before; and which messages are dropped when two halves of a cluster merge.
     */
    public <T> Future<Topic<T>> reliableTopic(String name) {
        return Topic.called(continuation -> delegate.reliableTopic(name, continuation));
    }

    /** As {@link #membershipChanges(int)}, with a buffer of 1,024. */
    public Future<AsyncIterable<MembershipChange>> membershipChanges() {
        return membershipChanges(BUFFER);
    }

    /**
     * Tells, once the future is done, who joins and who leaves: a generator that has to be closed, as that of {@link Topic#messages}.
     *
     * @param buffer how many changes wait for a slow reader, at most; then its generator fails with a
     *     {@link dev.simul.cluster.MessagesLostException}
     */
    public Future<AsyncIterable<MembershipChange>> membershipChanges(int buffer) {
        return callForItems(continuation -> delegate.membershipChanges(buffer, continuation));
    }

    /**
     * Leaves the cluster in order: what it stores for others goes to them before. Works that it does are interrupted, and fail
     * for the others with a {@link dev.simul.cluster.MemberLostException}; works that wait here go to another member, if any may do them. Its
     * own calls fail with an {@link IllegalStateException}, and generators
     * end. Cancelling the future ends the wait; the member leaves all the same. It may be called in any loop.
     */
    @Override
    public Future<@Nullable Void> aclose() {
        return callForNothing(delegate::aclose);
    }

    @Override
    public String toString() {
        return delegate.toString();
    }
}
