// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

/**
 * A member has joined the cluster, or has left it; see [Cluster.membershipChanges].
 *
 * @property kind which of the two.
 * @property member the member.
 */
public class MembershipChange internal constructor(
    @get:JvmName("kind")
    public val kind: Kind,
    @get:JvmName("member")
    public val member: ClusterMember,
) {
    /** What can happen to a member. */
    public enum class Kind {
        /** It is in the cluster from now on. */
        JOINED,

        /** It was stopped, has died, or was silent for too long. */
        LEFT,
    }

    override fun toString(): String = "$member has ${kind.name.lowercase()}"
}
