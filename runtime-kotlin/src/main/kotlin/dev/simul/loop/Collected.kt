// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.lang.ref.Cleaner

/** Has something done when an object was collected, by one thread for all; it must not wait. */
internal object Collected {
    /** Not made with this class, which would be of no use ever after if there could be no thread at that moment. */
    @Volatile
    private var cleaner: Cleaner? = null

    /** Has [action] done, once, when [of] was collected, or sooner by the caller. Returns null if there can be no thread for that now. */
    fun then(
        of: Any,
        action: Runnable,
    ): Cleaner.Cleanable? =
        try {
            (cleaner ?: makeCleaner()).register(of, action)
        } catch (_: IllegalStateException) {
            null
        }

    @Synchronized
    private fun makeCleaner() = cleaner ?: startingThread { Cleaner.create() }.also { cleaner = it }
}
