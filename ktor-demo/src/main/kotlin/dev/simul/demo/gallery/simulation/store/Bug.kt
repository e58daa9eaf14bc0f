// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation.store

/** A mistake that can be planted into the store, to see how it is found. */
internal enum class Bug(
    val text: String,
) {
    FORGOTTEN_VOTE("A server forgets, when it restarts, for whom it has voted."),
    SHORT_LOG("A server votes without a look at how long the candidate's log is."),
    DOUBLE_RETRY("A server applies a command again when the client has sent it again."),
    ;

    /** As the command line has it: `forgotten-vote`. */
    val option = name.lowercase().replace('_', '-')
}
