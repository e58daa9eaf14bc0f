// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.testing.network.MemoryNetwork

/** The network that the sockets of a test are on. */
public enum class TestNetwork {
    /** As the annotation of the enclosing class or method says; [SYSTEM] if there is none. */
    INHERITED,

    /** The system's, as outside tests. */
    SYSTEM,

    /**
     * A [MemoryNetwork] of the test's own, which needs [virtual time][TestTime.VIRTUAL]: the test opens no socket of the system's, time jumps
     * although sockets are waited for, and a test in which nothing more can happen fails at once. The methods may take the network as a
     * parameter, to add hosts to it.
     */
    MEMORY,
}
