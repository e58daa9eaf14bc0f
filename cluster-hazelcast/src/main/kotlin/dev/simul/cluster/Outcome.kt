// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import java.io.NotSerializableException
import java.util.concurrent.CancellationException

/**
 * How a work has ended, as the bytes that its member sends: never an exception to Hazelcast, which runs a work again if it throws one that
 * it takes for a passing failure of its own.
 */
internal object Outcome {
    private const val RETURNED: Byte = 0
    private const val FAILED: Byte = 1
    private const val FAILED_UNSENDABLY: Byte = 2
    private const val CANCELLED: Byte = 3
    private const val LEFT: Byte = 4
    private const val NOT_BEGUN: Byte = 5
    private const val MISDIRECTED: Byte = 6

    val cancelled: ByteArray = byteArrayOf(CANCELLED)

    /** The member is leaving, and has interrupted the work. */
    val left: ByteArray = byteArrayOf(LEFT)

    /** The member is leaving, and has not begun the work. */
    val notBegun: ByteArray = byteArrayOf(NOT_BEGUN)

    /** Another member has the address of the one that the work was for, and has not begun it. */
    val misdirected: ByteArray = byteArrayOf(MISDIRECTED)

    fun isFailure(outcome: ByteArray): Boolean = outcome[0] == FAILED || outcome[0] == FAILED_UNSENDABLY

    fun of(block: () -> Any?): ByteArray =
        try {
            val value = block()
            tagged(RETURNED, written(value))
        } catch (e: Throwable) {
            ofFailure(e)
        }

    private fun written(value: Any?): ByteArray =
        try {
            Serialized.write(value)
        } catch (e: NotSerializableException) {
            throw IllegalArgumentException("the work's result cannot be sent: ${e.message} is not java.io.Serializable", e)
        }

    private fun ofFailure(failure: Throwable): ByteArray =
        try {
            tagged(FAILED, Serialized.write(failure))
        } catch (_: Throwable) {
            tagged(FAILED_UNSENDABLY, failure.stackTraceToString().toByteArray())
        }

    private fun tagged(
        tag: Byte,
        content: ByteArray,
    ): ByteArray =
        ByteArray(content.size + 1).also {
            it[0] = tag
            content.copyInto(it, 1)
        }

    /** What the work has returned, here; throws what it has thrown. */
    fun resultOf(
        outcome: ByteArray,
        member: ClusterMember,
        loader: ClassLoader?,
    ): Any? {
        val content = outcome.copyOfRange(1, outcome.size)
        return when (outcome[0]) {
            RETURNED -> resultIn(content, member, loader)
            FAILED -> throw failureOf(content, member, loader)
            LEFT -> throw MemberLostException(member, true, "is leaving the cluster")
            NOT_BEGUN -> throw MemberLostException(member, false, "is leaving the cluster")
            MISDIRECTED -> throw MemberLostException(member, false, "is gone, and another one has its address")
            CANCELLED -> throw WorkFailedException(member, "the work was cancelled at $member before it began")
            else -> throw unsendable(String(content), member)
        }
    }

    private fun resultIn(
        content: ByteArray,
        member: ClusterMember,
        loader: ClassLoader?,
    ): Any? =
        try {
            Serialized.read(content, loader)
        } catch (e: Exception) {
            throw unreadable("the result of a work at $member", member, e)
        } catch (e: LinkageError) {
            throw unreadable("the result of a work at $member", member, e)
        }

    private fun failureOf(
        content: ByteArray,
        member: ClusterMember,
        loader: ClassLoader?,
    ): Throwable {
        val failure =
            try {
                Serialized.read(content, loader) as Throwable
            } catch (e: Exception) {
                return unreadable("the exception by which a work has failed at $member", member, e)
            } catch (e: LinkageError) {
                return unreadable("the exception by which a work has failed at $member", member, e)
            }
        // Thrown as it is, it would cancel the task that asked.
        if (failure is CancellationException) return WorkFailedException(member, "a work at $member has thrown $failure")
        if (!member.isLocal) failure.addSuppressed(FailedThere(member))
        return failure
    }

    private fun unreadable(
        what: String,
        member: ClusterMember,
        cause: Throwable,
    ) = WorkFailedException(
        member,
        "$what cannot be read here: $cause; each member needs the classes of what works return and throw",
        cause,
    )

    private fun unsendable(
        trace: String,
        member: ClusterMember,
    ) = WorkFailedException(member, "a work has failed at $member by an exception that cannot be sent: $trace")

    /** Says where an exception was thrown, of which the trace does not tell. */
    private class FailedThere(
        member: ClusterMember,
    ) : Exception("thrown at the member $member", null, false, false) {
        override fun toString(): String = message!!
    }
}
