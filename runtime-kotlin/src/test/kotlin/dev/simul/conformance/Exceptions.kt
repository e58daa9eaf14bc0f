// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import dev.simul.exceptions.BaseExceptionGroup
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.exceptions.isCancellation
import dev.simul.exceptions.isOrdinary
import dev.simul.queues.QueueEmpty
import dev.simul.queues.QueueFull
import dev.simul.queues.QueueShutDown
import dev.simul.streams.IncompleteReadException
import java.util.concurrent.TimeoutException

/** What the `raise` statement throws. */
class Boom(
    val value: Any?,
) : RuntimeException(null, null, false, false)

/** How a `return` statement leaves its function. */
class Return(
    val value: Any?,
) : RuntimeException(null, null, false, false)

/** A statement named an empty slot, or would have made a task wait for itself. */
class Missing : RuntimeException(null, null, false, false)

/** Stands for Python's TypeError, which the runtime does not tell from its ValueError. */
class TypeError(
    cause: Throwable,
) : IllegalArgumentException(cause)

/** Whether an `except` clause of this kind catches [exception]. */
fun ExceptionKind.matches(exception: Throwable): Boolean =
    when (this) {
        ExceptionKind.Boom -> exception is Boom
        ExceptionKind.Cancelled -> exception.isCancellation
        ExceptionKind.Timeout -> exception is TimeoutException
        ExceptionKind.Group -> exception is BaseExceptionGroup
        ExceptionKind.Exception -> exception.isOrdinary
        ExceptionKind.Any -> true
    }

/** Whether [exception] is misuse that a leaf statement reports and survives, unless the program is strict. */
fun isMisuse(exception: Throwable): Boolean =
    !exception.isCancellation &&
        (
            exception is IllegalStateException ||
                exception is IllegalArgumentException ||
                exception is QueueEmpty ||
                exception is QueueFull ||
                exception is QueueShutDown ||
                exception is IncompleteReadException ||
                exception is StopAsyncIteration
        )
