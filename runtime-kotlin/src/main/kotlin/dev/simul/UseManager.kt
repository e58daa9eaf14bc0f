// SPDX-License-Identifier: Apache-2.0
package dev.simul

/**
 * Runs [block] with [value] and then [leave], with what the block threw or null, however it ends: also when it returns from the
 * function around it. If [leave] returns true the exception ends here, and the result is null.
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

/** As [useManager], of what lets every exception go on: [leave] may throw another in its place. */
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
