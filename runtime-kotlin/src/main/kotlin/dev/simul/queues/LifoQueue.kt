// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

/**
 * A [Queue] that returns the last item first.
 *
 * Source: `asyncio.LifoQueue(maxsize=0)`.
 *
 * @param maxsize the maximum number of items; 0 or less means no limit.
 * @param name shown by reports of the tasks that wait for it.
 */
public class LifoQueue<T>
    @JvmOverloads
    constructor(
        maxsize: Int = 0,
        name: String? = null,
    ) : Queue<T>(maxsize, ItemStack(), name)
