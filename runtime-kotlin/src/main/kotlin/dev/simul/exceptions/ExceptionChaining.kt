// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import java.util.Collections
import java.util.IdentityHashMap

/**
 * Returns this exception, which is thrown instead of [replaced]: that becomes one of its suppressed exceptions, unless one already leads to
 * the other.
 *
 * Source: the implicit `__context__` of an exception that is raised while another one is handled.
 */
internal fun Throwable.inPlaceOf(replaced: Throwable?): Throwable {
    if (replaced != null && !leadsTo(replaced) && !replaced.leadsTo(this)) addSuppressed(replaced)
    return this
}

/** Whether [other] is this, or is reached from this through causes and suppressed exceptions. */
private fun Throwable.leadsTo(other: Throwable): Boolean {
    val seen = Collections.newSetFromMap(IdentityHashMap<Throwable, Boolean>())
    val open = ArrayDeque(listOf(this))
    while (open.isNotEmpty()) {
        val exception = open.removeLast()
        if (exception === other) return true
        if (!seen.add(exception)) continue
        exception.cause?.let(open::add)
        open += exception.suppressed
    }
    return false
}
