// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.cluster.Member
import java.io.Serializable
import java.net.InetSocketAddress
import java.util.UUID

/**
 * A member of a cluster: a process that has joined it, or this one.
 *
 * @property id differs from that of every other member, and of the same program's next start.
 * @property name what [ClusterOptions.memberName] has called it, or its address.
 * @property address where the other members reach it.
 * @property isLocal whether it is the member of the [Cluster] that was asked.
 */
public class ClusterMember internal constructor(
    @get:JvmName("id")
    public val id: UUID,
    @get:JvmName("name")
    public val name: String,
    @get:JvmName("address")
    public val address: InetSocketAddress,
    public val isLocal: Boolean,
) : Serializable {
    override fun equals(other: Any?): Boolean = other is ClusterMember && id == other.id

    override fun hashCode(): Int = id.hashCode()

    /** Its name, and its address if that is another word. */
    override fun toString(): String = addressText(address).let { if (it == name) name else "$name ($it)" }

    private companion object {
        const val serialVersionUID = 1L
    }
}

internal const val MEMBER_NAME = "simul.name"

internal fun memberOf(member: Member): ClusterMember {
    val address = member.socketAddress
    return ClusterMember(member.uuid, member.getAttribute(MEMBER_NAME) ?: addressText(address), address, member.localMember())
}

private fun addressText(address: InetSocketAddress): String = "${address.address?.hostAddress ?: address.hostString}:${address.port}"
