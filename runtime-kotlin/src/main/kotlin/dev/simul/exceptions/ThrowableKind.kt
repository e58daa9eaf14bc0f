// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import dev.simul.loop.isFatal
import kotlinx.coroutines.TimeoutCancellationException
import java.util.concurrent.CancellationException

/** Whether this asks its task to end: any cancellation except the expired timeout of kotlinx, which is a failure. */
internal val Throwable.isCancellation: Boolean
    get() = this is CancellationException && this !is TimeoutCancellationException

/** Whether this corresponds to Python's `Exception`: a failure that catch-all handlers may catch. */
internal val Throwable.isOrdinary: Boolean
    get() =
        when (this) {
            is BaseExceptionGroup -> this is ExceptionGroup
            is GeneratorExit -> false
            else -> !isCancellation && !isFatal
        }

/** The cancellation that foreign code threw, as a [CancelledException]. */
internal fun Throwable.asCancelledException(): CancelledException =
    this as? CancelledException ?: CancelledException(message).also { it.initCause(this) }
