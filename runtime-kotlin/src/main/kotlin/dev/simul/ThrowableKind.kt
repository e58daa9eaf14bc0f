package dev.simul

import kotlinx.coroutines.TimeoutCancellationException
import java.util.concurrent.CancellationException

/** Whether this asks its task to end: any cancellation but the expired timeout of kotlinx, which is a failure. */
internal val Throwable.isCancellation: Boolean
    get() = this is CancellationException && this !is TimeoutCancellationException

/** Whether this should end the program: a [FatalError], or a sick virtual machine; a deep recursion is not. */
internal val Throwable.isFatal: Boolean
    get() = this is FatalError || this is VirtualMachineError && this !is StackOverflowError

/** Whether this is what Python calls an `Exception`: a failure that handlers of everything may catch. */
internal val Throwable.isOrdinary: Boolean
    get() =
        when (this) {
            is BaseExceptionGroup -> this is ExceptionGroup
            is GeneratorExit -> false
            else -> !isCancellation && !isFatal
        }
