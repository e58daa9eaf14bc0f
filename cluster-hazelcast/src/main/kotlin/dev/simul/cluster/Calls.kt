// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.cluster.Member
import com.hazelcast.core.ExecutionCallback
import com.hazelcast.core.HazelcastInstance
import com.hazelcast.core.HazelcastInstanceNotActiveException
import com.hazelcast.core.MemberLeftException
import com.hazelcast.core.OperationTimeoutException
import com.hazelcast.spi.exception.TargetNotMemberException
import dev.simul.exceptions.CancelledException
import dev.simul.sync.Semaphore
import dev.simul.wrapFuture
import java.util.UUID
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionException
import java.util.concurrent.RejectedExecutionException

/**
 * The works that one member has sent to others.
 *
 * Each is sent to a member by name. Hazelcast's calls of a partition, `submit` and `submitToKeyOwner`, run a work again elsewhere if its
 * member dies, whether that is allowed or not; and each hundredth call without a callback blocks its caller.
 */
internal class Calls(
    private val hazelcast: HazelcastInstance,
    private val maxPending: Int,
) {
    private val works = hazelcast.getExecutorService(WORKS)
    private val cancels = hazelcast.getExecutorService(CANCELS)
    private val loader = hazelcast.config.classLoader

    /** Whether this member is leaving. */
    @Volatile
    var isClosed = false

    private val pending = HashMap<UUID, Pending>()

    private class Pending(
        maxPending: Int,
    ) {
        var count = 0
        val permits = Semaphore(maxPending, "calls of a member")
    }

    /** Of those members, the one with the fewest works of this one's, and not the one that is [gone]; the first of several. */
    fun leastBusy(
        members: List<Member>,
        gone: Member?,
    ): Member = members.filter { it != gone }.ifEmpty { members }.minBy { pending[it.uuid]?.count ?: 0 }

    /** Sends that work to [member], once, and waits for what it returns. */
    suspend fun call(
        member: Member,
        work: ByteArray,
    ): Any? {
        val calls = pending.getOrPut(member.uuid) { Pending(maxPending) }
        calls.count++
        try {
            calls.permits.acquire()
            try {
                if (isClosed) throw closed(null)
                val outcome = outcomeOf(member, work)
                if (isClosed && member.localMember()) throw closed(null)
                return Outcome.resultOf(outcome, memberOf(member), loader)
            } finally {
                calls.permits.release()
            }
        } finally {
            if (--calls.count == 0) pending.remove(member.uuid)
        }
    }

    private suspend fun outcomeOf(
        member: Member,
        work: ByteArray,
    ): ByteArray {
        val id = UUID.randomUUID()
        val answer = Answer<ByteArray>()
        try {
            works.submitToMember(WorkMessage(id, member.uuid, work), member, answer)
            return wrapFuture(answer).await()
        } catch (e: CancelledException) {
            cancel(member, id)
            throw e
        } catch (e: Exception) {
            throw failureOf(e, member)
        } catch (e: LinkageError) {
            throw failureOf(e, member)
        }
    }

    /** Nobody waits for that either. If the member is gone, so is the work. */
    private fun cancel(
        member: Member,
        id: UUID,
    ) = try {
        cancels.submitToMember(CancelMessage(id), member, Answer())
    } catch (_: RejectedExecutionException) {
    } catch (_: HazelcastInstanceNotActiveException) {
    }

    private fun failureOf(
        failure: Throwable,
        member: Member,
    ): Throwable =
        when {
            isClosed || !hazelcast.lifecycleService.isRunning -> closed(failure)
            failure is MemberLeftException -> MemberLostException(memberOf(member), true, "has left the cluster", failure)
            failure is TargetNotMemberException -> MemberLostException(memberOf(member), false, "has left the cluster", failure)
            failure is HazelcastInstanceNotActiveException -> MemberLostException(memberOf(member), true, "is being closed", failure)
            failure is OperationTimeoutException -> MemberLostException(memberOf(member), true, "does not answer", failure)
            failure is RejectedExecutionException -> RejectedExecutionException("refused by ${memberOf(member)}", failure)
            else -> WorkFailedException(memberOf(member), "a work could not be handed over to ${memberOf(member)}: $failure", failure)
        }

    private fun closed(cause: Throwable?) = IllegalStateException("the cluster was closed during the call", cause)

    /** What Hazelcast's callback is told. */
    internal class Answer<T> :
        CompletableFuture<T>(),
        ExecutionCallback<T> {
        override fun onResponse(response: T) {
            complete(response)
        }

        /** A failure that is an `ExecutionException`, as that of a member that has left, would lose what it says to whoever unwraps it. */
        override fun onFailure(failure: Throwable) {
            completeExceptionally(CompletionException(failure))
        }

        override fun toString(): String = "an answer of a member"
    }
}
