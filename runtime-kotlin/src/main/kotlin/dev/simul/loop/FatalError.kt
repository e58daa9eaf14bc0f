// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

/**
 * An error meant to end the program, not just the task it happens in.
 *
 * A task that ends with one keeps it as its exception, and the loop stops and throws it out of `runForever`. Extend it
 * for errors of your own that nobody along the way should hold back.
 *
 * CPython has no name for the pair of `KeyboardInterrupt` and `SystemExit`, which asyncio treats alike.
 */
public open class FatalError
    @JvmOverloads
    constructor(
        message: String? = null,
        cause: Throwable? = null,
    ) : Error(message, cause) {
        private companion object {
            private const val serialVersionUID = 1L
        }
    }

/**
 * Whether this leaves the loop: a [FatalError], or an error of the virtual machine; but neither a stack overflow nor the want of a
 * thread, which have struck their task alone.
 */
internal val Throwable.isFatal: Boolean
    get() = this is FatalError || (this is VirtualMachineError && this !is StackOverflowError && !isWantOfThreads)
