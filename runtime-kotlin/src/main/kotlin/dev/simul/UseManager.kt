// SPDX-License-Identifier: Apache-2.0
package dev.simul

/**
 * Runs [block] with [value] and then [leave], with what the block threw or null. [leave] also runs if the block returns from the enclosing
 * function. If it returns true, the exception is suppressed and the result is null.
 */
@PublishedApi
internal inline fun <T, R> useManager(
    value: T,
    block: (T) -> R,
    leave: (Throwable?) -> Boolean,
): R? {
    var failed = false
    try {
        return block(value)
    } catch (e: Throwable) {
        failed = true
        if (leave(e)) return null
        throw e
    } finally {
        if (!failed) leave(null)
    }
}

/** As [useManager], for a [leave] that never suppresses the exception; it may throw another one instead. */
@PublishedApi
internal inline fun <T, R> useRethrowing(
    value: T,
    block: (T) -> R,
    leave: (Throwable?) -> Unit,
): R {
    var failed = false
    try {
        return block(value)
    } catch (e: Throwable) {
        failed = true
        leave(e)
        throw e
    } finally {
        if (!failed) leave(null)
    }
}
