// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

/** Does [block] with this, which is closed if that throws, and returns this. */
internal inline fun <C : AutoCloseable> C.closedIfFails(block: (C) -> Unit): C {
    orElseClosed(block)
    return this
}

/** What [block] makes of this, which is closed if that throws. */
internal inline fun <C : AutoCloseable, R> C.orElseClosed(block: (C) -> R): R =
    try {
        block(this)
    } catch (e: Throwable) {
        close()
        throw e
    }
