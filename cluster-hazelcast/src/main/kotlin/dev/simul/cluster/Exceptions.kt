// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import java.io.IOException

/**
 * A member has left its cluster, or does not answer, and a call at it has no result.
 *
 * asyncio has no equivalent; compare `concurrent.futures.process.BrokenProcessPool`.
 *
 * @property member the member that is gone.
 * @property mayHaveRun whether the work may have been done, in part or to its end; if not, it has certainly not begun.
 */
public class MemberLostException internal constructor(
    @get:JvmName("member")
    public val member: ClusterMember,
    @get:JvmName("mayHaveRun")
    public val mayHaveRun: Boolean,
    reason: String,
    cause: Throwable? = null,
) : IOException(
        "the member $member $reason: " +
            if (mayHaveRun) {
                "the work sent to it may have been done, in part or to its end; pass retry = true if it may be done twice"
            } else {
                "the work was not begun"
            },
        cause,
    ) {
    /** False where it was sent from another member: a work's failure, and not its member's. */
    @Transient
    internal val isOfCall = true
}

/**
 * A work has no result here: it has failed by an exception that is not serializable, its result or its exception has no class here, or it
 * could not be handed over to its member. [cause] says more where there is one.
 *
 * asyncio has no equivalent; compare `multiprocessing.pool.MaybeEncodingError`.
 *
 * @property member where the work has failed.
 */
public class WorkFailedException internal constructor(
    @get:JvmName("member")
    public val member: ClusterMember,
    message: String,
    cause: Throwable? = null,
) : RuntimeException(message, cause)

/**
 * The reader of a topic, or of joins and leaves, was too slow, or the members that kept its messages are gone: the generator ends. To go on,
 * make another one.
 *
 * asyncio has no equivalent.
 *
 * @property count how many were lost, up to now; -1 if nobody knows.
 */
public class MessagesLostException internal constructor(
    message: String,
    @get:JvmName("count")
    public val count: Long,
) : IOException(message)
