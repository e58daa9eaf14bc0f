// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.loop.SimulationApi
import java.net.InetAddress
import java.nio.channels.Channel
import kotlin.concurrent.withLock

/**
 * One machine of a [MachineNetwork]: the provider of its loop's channels. Its sockets behave as those of a [MemoryNetwork].
 *
 * When it crashes, it is [cut off][cutOff]; when it starts again, it is [replaced][replace].
 */
@SimulationApi
public class Machine internal constructor(
    network: MachineNetwork,
    override val name: String,
) : MemoryMachine(network) {
    override val broadcastSource: InetAddress get() = addresses.first()

    /** Its address, with its name. */
    public val address: InetAddress get() = network.lock.withLock { addresses.first() }

    /**
     * The machine falls silent at once: nothing that its sockets still do is seen by others, and nothing reaches it. What it has sent before
     * arrives. Its own sockets learn nothing of that.
     */
    public fun cutOff() {
        network.lock.withLock { isCutOff = true }
    }

    /**
     * A new incarnation of this machine, without sockets, which has its name and its addresses from now on. It answers segments of
     * connections of the former one with a reset.
     *
     * @throws IllegalStateException if this machine is not cut off, or was replaced.
     */
    public fun replace(): Machine =
        network.lock.withLock {
            check(isCutOff) { "$this is at work: cut it off before it is replaced" }
            check(network.machineAt(addresses.first()) === this) { "$this was replaced already" }
            Machine(network, name).also { network.replace(this, it) }
        }

    /** The sockets that are open, in the order in which they were opened or accepted. */
    public val openSockets: List<Channel> get() = openChannels

    override fun toString(): String = "<Machine $name>"
}
