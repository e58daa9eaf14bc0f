// SPDX-License-Identifier: Apache-2.0
@file:JvmName("AwaitedBy")

package dev.simul.observe

import dev.simul.Future
import java.util.Collections
import java.util.WeakHashMap

/** What users have told; a future that nobody holds any more is forgotten. */
private val told = Collections.synchronizedMap(WeakHashMap<Future<*>, MutableSet<Future<*>>>())

/**
 * Lets call graphs show that [waiter] awaits [future]: for code that waits by callbacks of its own. What awaits by this library is shown
 * without it.
 *
 * Source: `asyncio.future_add_to_awaited_by(fut, waiter, /)`.
 */
public fun futureAddToAwaitedBy(
    future: Future<*>,
    waiter: Future<*>,
) {
    told.computeIfAbsent(future) { Collections.synchronizedSet(LinkedHashSet()) }.add(waiter)
}

/**
 * Takes back a [futureAddToAwaitedBy].
 *
 * Source: `asyncio.future_discard_from_awaited_by(fut, waiter, /)`.
 */
public fun futureDiscardFromAwaitedBy(
    future: Future<*>,
    waiter: Future<*>,
) {
    told.computeIfPresent(future) { _, waiters -> waiters.apply { remove(waiter) }.takeIf { it.isNotEmpty() } }
}

internal fun awaitersOf(future: Future<*>): List<Future<*>> = (future.awaiters() + told[future]?.toList().orEmpty()).distinct()
