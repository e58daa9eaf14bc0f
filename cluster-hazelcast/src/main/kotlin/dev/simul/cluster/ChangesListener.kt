// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.cluster.MembershipEvent
import com.hazelcast.cluster.MembershipListener

/** Hands Hazelcast's events on. */
internal class ChangesListener(
    private val arrivals: Arrivals<MembershipChange>,
) : MembershipListener {
    override fun memberAdded(event: MembershipEvent) = tell(MembershipChange.Kind.JOINED, event)

    override fun memberRemoved(event: MembershipEvent) = tell(MembershipChange.Kind.LEFT, event)

    private fun tell(
        kind: MembershipChange.Kind,
        event: MembershipEvent,
    ) = arrivals.offer(MembershipChange(kind, memberOf(event.member)))
}
