// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

/**
 * Thrown by a [Barrier] that is reset while tasks wait for it, or that is broken.
 *
 * Source: `asyncio.BrokenBarrierError`.
 *
 * @param message what happened to the barrier.
 */
public class BrokenBarrierException
    @JvmOverloads
    constructor(
        message: String? = null,
    ) : IllegalStateException(message)
