// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.drivers

/** A connection of a driver's to its server, by which tasks ask for something small. */
internal interface Connection {
    suspend fun ask()

    /** As [ask], for a body in Java. */
    fun askInBody()
}
