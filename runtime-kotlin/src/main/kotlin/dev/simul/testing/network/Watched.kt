// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import java.nio.channels.SelectionKey

/** A channel of a [MemoryNetwork], as its selectors see it. All of it is guarded by the network's lock. */
internal interface Watched {
    /** The keys by which selectors watch it. */
    val watchers: MutableList<MemoryKey>

    /** The operations, of [SelectionKey]'s constants, that would not block now. */
    val readyNow: Int

    /** Tells the selectors that [readyNow] may have changed. */
    fun changed() = watchers.forEach { it.changed() }
}
