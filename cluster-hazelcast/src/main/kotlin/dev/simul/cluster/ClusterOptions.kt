// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.config.Config
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

/**
 * How a member takes part in its cluster.
 *
 * @property address the address of this machine that it listens on, and nowhere else. Whoever can connect to it can run code here: the open
 *   edition has neither passwords nor TLS.
 * @property port the first port that it tries.
 * @property portCount how many ports it tries, if others have those before. Others look at the first three, unless they are told a port.
 * @property memberName what other members call it; null for its address.
 * @property threads how many works it does at once, those of all members together.
 * @property maxPending how many works this member has under way at each other one, or waiting there; further calls wait here.
 * @property heartbeatTimeout how long a member may be silent until the others take it for dead, as one whose machine or network has failed. A
 *   process that ends is noticed at once.
 * @property configure changes Hazelcast's configuration in the end, for what these options leave out.
 */
public class ClusterOptions(
    public val address: String = "127.0.0.1",
    public val port: Int = 5701,
    public val portCount: Int = 100,
    public val memberName: String? = null,
    public val threads: Int = 16,
    public val maxPending: Int = 256,
    public val heartbeatTimeout: Duration = 60.seconds,
    public val configure: (Config) -> Unit = {},
) {
    init {
        require(port in 1..65_535) { "port is $port: it must be from 1 to 65535" }
        require(portCount > 0) { "portCount is $portCount: it must be positive" }
        require(threads > 0) { "threads is $threads: it must be positive" }
        require(maxPending > 0) { "maxPending is $maxPending: it must be positive" }
        require(heartbeatTimeout >= 2.seconds) { "heartbeatTimeout is $heartbeatTimeout: it must be 2 seconds or more" }
    }

    override fun toString(): String =
        "ClusterOptions(address=$address, port=$port, portCount=$portCount, memberName=$memberName, threads=$threads, " +
            "maxPending=$maxPending, heartbeatTimeout=$heartbeatTimeout)"
}
