// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * An error meant to end the program, not only the task that throws it.
 *
 * A task that ends with one keeps it as its exception, and the loop stops and throws it out of `runForever`. Extend it for errors of your
 * own that must not be held back on the way.
 *
 * CPython has no name for the pair of `KeyboardInterrupt` and `SystemExit`, which asyncio treats alike.
 */
public open class FatalError
    @JvmOverloads
    constructor(
        message: String? = null,
        cause: Throwable? = null,
    ) : Error(message, cause)

/**
 * Whether this leaves the loop: a [FatalError] or an error of the virtual machine, except a stack overflow and a failure to start a thread,
 * which concern their task alone.
 */
internal val Throwable.isFatal: Boolean
    get() = this is FatalError || (this is VirtualMachineError && this !is StackOverflowError && !isWantOfThreads)
