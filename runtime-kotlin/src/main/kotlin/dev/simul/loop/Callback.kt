// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/** An entry of the ready queue: runs once, in its turn, and handles its own exceptions. */
internal fun interface Callback {
    fun run()

    /** The loop closed before this callback's turn came. Callers outside may be waiting for its result. */
    fun dropped() {}

    /**
     * [error] came out of [run]: a stack overflow struck the callback, say, or it meant to end the loop. Passes the error on to the callers
     * that wait for the result. Returns false if there are none, and the loop is to report the error.
     */
    fun cutShort(error: Throwable): Boolean = false
}
