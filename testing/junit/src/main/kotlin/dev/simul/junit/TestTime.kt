// SPDX-License-Identifier: Apache-2.0
package dev.simul.junit

import dev.simul.testing.VirtualClock

/** The clock that the loop of a test goes by. */
public enum class TestTime {
    /** As the annotation of the enclosing class or method says; [VIRTUAL] if there is none. */
    INHERITED,

    /**
     * The loop goes by a [VirtualClock]: it waits for no timer, and a test in which nothing more can happen fails at once.
     *
     * A test may open real sockets all the same, and start threads. The clock then stands still while the loop waits for them, for up to one
     * second of real time; after that it jumps to the next timer, so that a timeout may expire although the peer is only slow. That suits a
     * test of code which waits for timers; one that only exchanges data with a peer is better off with [REAL] time.
     */
    VIRTUAL,

    /** The loop goes by the machine's clock, as outside tests: for real sockets, threads and processes. */
    REAL,
}
