// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import java.net.InetAddress
import kotlin.time.Duration

/**
 * A program of several hosts on virtual time, all in one thread: the receiver of the block of [simulate], which itself runs on a host named
 * `main`.
 *
 * Code of every host may use it, in its loop or by `toThread`. asyncio has no equivalent.
 */
public class Simulation internal constructor(
    private val world: World,
) {
    /** The virtual time since the simulation began. A host's own clock may differ, see [Host.clockSkew]. */
    public val now: Duration get() = world.now

    /** What lies between the hosts, with its conditions and faults. */
    public val network: Network get() = world.network

    /**
     * Adds a host, which begins to run [main] as `run` would.
     *
     * @param name other hosts find it by this name; case does not matter.
     * @param address the host's; if null, it is the next free one of 10.0.0.0/8.
     * @throws IllegalArgumentException if there is a host of that name or address.
     */
    public fun host(
        name: String,
        address: InetAddress? = null,
        main: suspend () -> Unit,
    ): Host = world.addHost(name, address, main)

    /** Adds [text] to the transcript that a failure shows, with the time and the host whose code calls this. */
    public fun log(text: String) {
        val process = world.current
        if (process?.state != HostProcess.State.CRASHED) world.transcript.add(process?.host?.name.orEmpty(), text)
    }
}
