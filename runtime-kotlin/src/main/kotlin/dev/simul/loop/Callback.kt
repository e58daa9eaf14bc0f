// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/** What the ready queue holds: something to run once, in its turn. It deals with its own exceptions. */
internal fun interface Callback {
    fun run()

    /** The loop has closed before its turn came: somebody outside may wait for what it would have said. */
    fun dropped() {}

    /**
     * [error] was thrown out of [run], which an overflow of the stack has struck, say, or which meant to end the loop. Whoever
     * waits for what it would have said must hear of it, here. Returns false if nobody is told, and the loop is to report the error.
     */
    fun cutShort(error: Throwable): Boolean = false
}
