// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

/**
 * Thrown by [Queue.getNowait] when there is no item.
 *
 * Source: `asyncio.QueueEmpty`.
 */
public class QueueEmpty
    @JvmOverloads
    constructor(
        message: String? = null,
    ) : RuntimeException(message)

/**
 * Thrown by [Queue.putNowait] when the queue is full.
 *
 * Source: `asyncio.QueueFull`.
 */
public class QueueFull
    @JvmOverloads
    constructor(
        message: String? = null,
    ) : RuntimeException(message)

/**
 * Thrown by a [Queue] that was shut down, when an item is put, or when there is none left to get.
 *
 * Source: `asyncio.QueueShutDown`.
 */
public class QueueShutDown
    @JvmOverloads
    constructor(
        message: String? = null,
    ) : RuntimeException(message)
