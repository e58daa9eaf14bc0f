// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

/**
 * A [Queue] that returns the last item first.
 *
 * Source: `asyncio.LifoQueue(maxsize=0)`.
 *
 * @param maxsize the maximum number of items; 0 or less means no limit.
 */
public class LifoQueue<T>
    @JvmOverloads
    constructor(
        maxsize: Int = 0,
    ) : Queue<T>(maxsize, ItemStack())
