// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

/**
 * A [Queue] that gives the item first that was put last.
 *
 * Source: `asyncio.LifoQueue(maxsize=0)`.
 *
 * @param maxsize how many items there is place for; 0 or less means no limit.
 */
public class LifoQueue<T>
    @JvmOverloads
    constructor(
        maxsize: Int = 0,
    ) : Queue<T>(maxsize, ItemStack())
