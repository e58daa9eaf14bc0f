// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.loop.SimulationApi
import java.net.InetAddress
import kotlin.concurrent.withLock

/**
 * A datagram between two machines, or the message that nobody was there for one (ICMP's "port unreachable").
 *
 * @property from the name of the machine that has sent it.
 * @property to the name of the machine to which it goes.
 * @property size how many bytes of data it has.
 */
@SimulationApi
public class Datagram internal constructor(
    private val network: MachineNetwork,
    public val from: String,
    public val to: String,
    public val size: Int,
    private val address: InetAddress,
    private val arrive: (MemoryMachine) -> Unit,
) {
    /** It arrives, at whichever incarnation of the machine is there; if that is cut off, it is lost. Any thread may call this. */
    public fun deliver() {
        network.lock.withLock {
            val machine = network.machineAt(address)
            if (machine != null && !machine.isCutOff) arrive(machine)
        }
    }

    override fun toString(): String = "datagram of $size bytes"
}
