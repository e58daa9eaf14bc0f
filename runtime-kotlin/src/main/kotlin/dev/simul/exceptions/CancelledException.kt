// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CopyableThrowable
import kotlinx.coroutines.ExperimentalCoroutinesApi

/**
 * Thrown where a cancelled task waits, and by a cancelled future when its result is read.
 *
 * It is not an ordinary failure: code that catches everything should rethrow it, unless it means to refuse the cancellation. It has no
 * stack trace, since the relevant place is the one that called `cancel`, and a hundred thousand tasks may be cancelled at once.
 *
 * Source: `asyncio.CancelledError`.
 *
 * @param message the message given to `cancel`, if any.
 */
@OptIn(ExperimentalCoroutinesApi::class)
public class CancelledException
    @JvmOverloads
    constructor(
        message: String? = null,
    ) : CancellationException(message),
        CopyableThrowable<CancelledException> {
        /** Null: kotlinx must pass on this very exception, whose identity tells which request made it. */
        override fun createCopy(): CancelledException? = null

        /** Leaves the stack trace empty. */
        override fun fillInStackTrace(): Throwable = this
    }
