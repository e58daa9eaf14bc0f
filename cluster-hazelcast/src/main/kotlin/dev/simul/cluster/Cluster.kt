// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.cluster.Member
import com.hazelcast.core.Hazelcast
import com.hazelcast.core.HazelcastInstance
import com.hazelcast.core.HazelcastInstanceNotActiveException
import com.hazelcast.core.LifecycleEvent.LifecycleState
import com.hazelcast.ringbuffer.Ringbuffer
import com.hazelcast.topic.ITopic
import dev.simul.AsyncCloseable
import dev.simul.createTask
import dev.simul.gather
import dev.simul.generators.AsyncGenerator
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import java.util.Collections
import java.util.concurrent.CancellationException
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration.Companion.milliseconds

/**
 * This process as a member of a cluster: it does works for the others, has them do its own, and exchanges messages with them.
 *
 * ```
 * aclosing(Cluster.start("shop", listOf("10.0.0.1", "10.0.0.2"), ClusterOptions(address = "10.0.0.1"))) { cluster ->
 *     val prices = cluster.runInExecutor { computePrices() }
 * }
 * ```
 *
 * It is an embedded member of Hazelcast, in its open edition; there is no server to install. What that cannot promise, this does not either:
 *
 * - A member that is cut off from the others, or silent for too long, is taken for dead, and may still live and work. Then both halves go on by
 *   themselves, each as a cluster, until they merge: so a work that may be retried can run twice at the same time.
 * - There are no locks, no elections and no counters that hold under such a split: those of Hazelcast, its CP subsystem, belong to its
 *   enterprise edition. For these use a database.
 * - There are no passwords and no TLS: whoever reaches a member's port runs code in its process. The default is loopback; everywhere else a
 *   member needs a network of its own.
 *
 * It belongs to the loop that has started it: a task of another loop starts a member of its own, or has this loop do what it wants by
 * [dev.simul.runCoroutineThreadsafe]. It has to be closed: it has threads that keep the JVM alive.
 *
 * asyncio has no equivalent; `dask.distributed` and Celery have a part of it each.
 *
 * @property hazelcast Hazelcast's own instance, for what this does not cover. Its functions that block belong into [dev.simul.toThread]; stages
 *   that it returns are awaited by [dev.simul.wrapFuture].
 */
public class Cluster private constructor(
    public val hazelcast: HazelcastInstance,
    options: ClusterOptions,
) : AsyncCloseable {
    private val calls = Calls(hazelcast, options.maxPending)
    private val loop = getRunningLoop()
    private val works = RunningWorks.of(hazelcast)
    private val sending = InOrder()
    private val listeners = Collections.synchronizedSet(HashSet<Arrivals<*>>())

    @Volatile
    private var closing: CompletableFuture<Unit>? = null

    init {
        // Hazelcast can stop by itself, or be stopped by the user.
        hazelcast.lifecycleService.addLifecycleListener { if (it.state == LifecycleState.SHUTDOWN) endListeners() }
    }

    /** The name that its members share; others do not join. */
    public val name: String = hazelcast.config.clusterName

    /** This process. */
    public val localMember: ClusterMember get() {
        checkOpen()
        return memberOf(hazelcast.cluster.localMember)
    }

    /** All members, this one included, the one that has joined first at the beginning. */
    public val members: List<ClusterMember> get() {
        checkOpen()
        return hazelcast.cluster.members.map(::memberOf)
    }

    internal val isOpen get() = closing == null && hazelcast.lifecycleService.isRunning

    private fun checkOpen() = check(isOpen) { "$this is closed: start another one with Cluster.start" }

    /** For what uses the state of the loop's tasks. */
    internal fun checkCall() {
        check(getRunningLoop() === loop) {
            "$this belongs to another loop: start a member in each loop, or run this in its own by runCoroutineThreadsafe"
        }
        checkOpen()
    }

    /** Waits until [send], which blocks, is done after those before it. */
    internal suspend fun sendInOrder(send: () -> Unit) = waitFor(sending.begin(send))

    /**
     * Has one member do [work], the one that has the fewest of this one's, and waits for its result. It may be this member.
     *
     * What the work throws is thrown here, with a suppressed exception that names the member. Cancelling the task ends the wait at once, and
     * cancels the work: it does not begin if it has not, and its thread is interrupted if it has. If this member has
     * [ClusterOptions.maxPending] calls at that one, further ones wait for their turn; what they capture is serialized before, and held.
     *
     * Source: `loop.run_in_executor(ProcessPoolExecutor(), func)`.
     *
     * @param retry whether another member may do the work again if its member is lost: then it is done at least once, and as often as
     *   members are lost, without a bound: a work that kills its JVM kills one member after another. Otherwise it is done at most once: it
     *   goes to another member only if it has certainly not begun.
     * @throws MemberLostException if the member dies, leaves, or does not answer; never if [retry] is true.
     * @throws java.io.NotSerializableException if [work] captures what is not serializable.
     * @throws java.util.concurrent.RejectedExecutionException if the member refuses it.
     * @throws WorkFailedException if the work fails by an exception that cannot be sent, or its result cannot be read here.
     * @throws IllegalStateException if the cluster is closed, also during the wait, or belongs to another loop.
     */
    public suspend fun <T> runInExecutor(
        retry: Boolean = false,
        work: ClusterWork<T>,
    ): T = callSomewhere(retry, work) { gone -> calls.leastBusy(hazelcast.cluster.members.toList(), gone) }

    /**
     * As [runInExecutor], at the member that owns [key] among Hazelcast's partitions: works of one key meet at one member, as long as none joins
     * or leaves.
     *
     * @param key what Hazelcast can serialize: a string, or a number.
     * @param retry whether the next owner may do the work again if the member is lost.
     */
    public suspend fun <T> runOnKeyOwner(
        key: Any,
        retry: Boolean = false,
        work: ClusterWork<T>,
    ): T = callSomewhere(retry, work) { offLoop { hazelcast.partitionService.getPartition(key).owner } }

    /** As [runInExecutor], at [member] and no other. */
    public suspend fun <T> runOnMember(
        member: ClusterMember,
        work: ClusterWork<T>,
    ): T {
        checkCall()
        val target =
            hazelcast.cluster.members.find { it.uuid == member.id }
                ?: throw MemberLostException(member, false, "is not in the cluster")
        return call(target, Serialized.write(work))
    }

    /**
     * As [runInExecutor], at all members at once, this one included: waits until each has done [work], has failed at it, or is lost.
     *
     * Cancelling the task cancels the work everywhere.
     *
     * @return how it has ended at each member.
     */
    public suspend fun <T> runOnAll(work: ClusterWork<T>): Map<ClusterMember, @JvmSuppressWildcards MemberResult<T>> {
        checkCall()
        val bytes = Serialized.write(work)
        val targets = hazelcast.cluster.members.toList()
        val ends = gather(*targets.map { createTask { endOf<T>(it, bytes) } }.toTypedArray()).await()
        return targets.map(::memberOf).zip(ends).toMap()
    }

    private suspend fun <T> endOf(
        target: Member,
        work: ByteArray,
    ): MemberResult<T> =
        try {
            MemberResult(call<T>(target, work), null)
        } catch (e: CancellationException) {
            throw e
        } catch (e: Throwable) {
            MemberResult(null, e)
        }

    /** At the member that [choose] finds, and at the next one where that is allowed; it finds null if that is not decided yet. */
    private suspend fun <T> callSomewhere(
        retry: Boolean,
        work: ClusterWork<T>,
        choose: suspend (gone: Member?) -> Member?,
    ): T {
        checkCall()
        val bytes = Serialized.write(work)
        var gone: Member? = null
        while (true) {
            checkOpen()
            val member = choose(gone)
            if (member == null || member == gone) {
                sleep(PAUSE) // The others have yet to agree on its end.
                gone = null
                continue
            }
            try {
                return call(member, bytes)
            } catch (e: MemberLostException) {
                if (!e.isOfCall || (e.mayHaveRun && !retry)) throw e
                gone = member
            }
        }
    }

    private suspend fun <T> call(
        member: Member,
        work: ByteArray,
    ): T {
        @Suppress("UNCHECKED_CAST")
        return calls.call(member, work) as T
    }

    /**
     * A topic for what is soon out of date: messages reach, once and in the order of each sender, those members that listen and are there when
     * they are sent; they are lost on the way to one that is not. A reader whose buffer is full loses messages too, and its generator fails with
     * a [MessagesLostException] after what it has: nobody waits for it.
     *
     * It is Hazelcast's `ITopic` of that name, at most once.
     */
    public suspend fun <T : Any> topic(name: String): Topic<T> {
        checkCall()
        return EventTopic(this, offLoop<ITopic<T>> { hazelcast.getTopic(name) })
    }

    /**
     * A topic that keeps its last 10,000 messages, on two members if there are two: a reader that is slow, or that was cut off, finds what was sent
     * meanwhile, in one order for all. If it falls further behind, its generator fails with a [MessagesLostException]. Publishing does
     * not wait for readers.
     *
     * It is Hazelcast's ring buffer of that name, of which [ClusterOptions.configure] can set the capacity and the number of backups. If all
     * members that have it die, the messages are lost, and a new ring buffer begins: a reader fails with a [MessagesLostException] at the next
     * message that comes while it waits. What it cannot see: that the new one has got as far by then as it had read before; and which messages
     * are dropped when two halves of a cluster merge.
     */
    public suspend fun <T : Any> reliableTopic(name: String): Topic<T> {
        checkCall()
        return KeptTopic(this, offLoop<Ringbuffer<T>> { hazelcast.getRingbuffer(name) })
    }

    /**
     * Tells from the return of this on who joins and who leaves: a generator that has to be closed, as that of [Topic.messages].
     *
     * @param buffer how many changes wait for a slow reader, at most; then its generator fails with a [MessagesLostException].
     */
    public suspend fun membershipChanges(buffer: Int = 1_024): AsyncGenerator<MembershipChange, Nothing> {
        val arrivals = Arrivals<MembershipChange>(getRunningLoop(), buffer, "membership changes")
        return listening(arrivals) {
            val id = hazelcast.cluster.addMembershipListener(ChangesListener(arrivals))
            return@listening { hazelcast.cluster.removeMembershipListener(id) }
        }
    }

    /** As the other [listening], until this is closed. */
    internal suspend fun <T : Any> listening(
        arrivals: Arrivals<T>,
        listen: () -> (() -> Unit),
    ): AsyncGenerator<T, Nothing> {
        checkCall()
        // Here, since a cluster that closes meanwhile has to find it.
        listeners += arrivals
        if (!isOpen) arrivals.end()
        try {
            return dev.simul.cluster.listening(arrivals) {
                val stop = listen()
                return@listening { forget(arrivals, stop) }
            }
        } catch (e: Throwable) {
            listeners -= arrivals
            throw e
        }
    }

    private fun forget(
        arrivals: Arrivals<*>,
        stop: () -> Unit,
    ) {
        listeners -= arrivals
        try {
            stop()
        } catch (_: HazelcastInstanceNotActiveException) {
            // Nor does it listen any longer.
        }
    }

    private fun endListeners() {
        for (arrivals in synchronized(listeners) { listeners.toList() }) arrivals.end()
    }

    /**
     * Leaves the cluster in order: what it stores for others goes to them before. Works that it does are interrupted, and
     * fail for the others with a [MemberLostException]; works that wait here go to another member, if any may do them. Its own calls fail with an [IllegalStateException], and generators end.
     *
     * Cancelling the task ends the wait; the member leaves all the same. It may be called in any loop.
     */
    override suspend fun aclose() {
        calls.isClosed = true
        val begun = synchronized(this) { closing ?: begin(::leave).also { closing = it } }
        endListeners()
        waitFor(begun)
    }

    private fun leave() {
        works.close()
        sending.close()
        hazelcast.shutdown()
    }

    override fun toString(): String = "<Cluster $name${if (isOpen) ", member $localMember" else ""}>"

    public companion object {
        private val PAUSE = 50.milliseconds

        /**
         * Starts a member in this process, and waits until it has found the others, or found that there are none: then it is a cluster by itself,
         * which others join later. Members that start at the same moment may miss each other, and meet some ten seconds later.
         *
         * By default it listens on loopback alone, and looks for others there: on one machine that is all that is needed. It neither multicasts
         * nor tells Hazelcast's makers that it is used.
         *
         * Cancelling the task ends the wait; the member leaves as soon as it has joined.
         *
         * @param name what all members of one cluster call it.
         * @param members where to look for others, as `10.0.0.1:5701`, or `10.0.0.1` for
         *   [ClusterOptions.port] and the two ports after it; one member that is there is enough. Where more than three members share a
         *   machine, those at later ports are not looked for when the first three have ended: name their ports.
         * @throws IllegalStateException if it cannot start, since no port of [ClusterOptions.portCount] is free, say.
         */
        public suspend fun start(
            name: String,
            members: List<String> = listOf("127.0.0.1"),
            options: ClusterOptions = ClusterOptions(),
        ): Cluster {
            val config = configOf(name, members, options)
            val hazelcast = acquireOffLoop({ Hazelcast.newHazelcastInstance(config) }) { it.shutdown() }
            return Cluster(hazelcast, options)
        }
    }
}
