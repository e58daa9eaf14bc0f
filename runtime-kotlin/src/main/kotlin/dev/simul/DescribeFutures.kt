// SPDX-License-Identifier: Apache-2.0
package dev.simul

/** What those of [futures] are that are not done, for whoever waits for them all; of many only the first, since there may be 100,000. */
internal fun describePending(futures: Collection<Future<*>>): String {
    val pending = futures.filterNot { it.done() }
    return firstOf(pending.size, pending.take(MOST_DESCRIBED).map { it.describeWait() })
}

/** The [texts] of the first [MOST_DESCRIBED] of [count]. */
internal fun firstOf(
    count: Int,
    texts: List<String>,
): String = texts.joinToString() + if (count > texts.size) " and ${count - texts.size} more" else ""

/** How many futures a text names. */
internal const val MOST_DESCRIBED = 20
