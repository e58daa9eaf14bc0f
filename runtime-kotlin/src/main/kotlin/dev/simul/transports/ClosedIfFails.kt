// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

/** Runs [block] with this, closes this if it throws, and returns this. */
internal inline fun <C : AutoCloseable> C.closedIfFails(block: (C) -> Unit): C {
    orElseClosed(block)
    return this
}

/** Returns the result of [block], and closes this if it throws. */
internal inline fun <C : AutoCloseable, R> C.orElseClosed(block: (C) -> R): R =
    try {
        block(this)
    } catch (e: Throwable) {
        close()
        throw e
    }
