// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.loop.EventLoop

/** Runs [block] now if this is the loop's thread, else soon in that thread; not at all once the loop is closed. */
internal inline fun EventLoop.runInLoop(crossinline block: () -> Unit) {
    if (isInLoop) return block()
    try {
        callSoonThreadsafe { block() }
    } catch (e: IllegalStateException) {
        if (!isClosed) throw e
    }
}
