// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

/** Keeps track of open transports. */
internal interface TransportOwner {
    /** [transport] begins. */
    fun attach(transport: Transport)

    /** [transport] has ended, and its channel is closed. */
    fun detach(transport: Transport)
}
