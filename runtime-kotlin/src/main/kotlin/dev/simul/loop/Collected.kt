// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.lang.ref.Cleaner

/** Runs an action when an object was collected, in one thread for all; the action must not wait. */
internal object Collected {
    /** Created lazily: if no thread can be started while this class is initialized, a later call may still succeed. */
    @Volatile
    private var cleaner: Cleaner? = null

    /** Runs [action] once, when [of] was collected, or earlier if the caller does. Returns null if no thread can be started for it now. */
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
