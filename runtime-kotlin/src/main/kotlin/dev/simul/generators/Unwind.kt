// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.inPlaceOf

/**
 * Leaves what an exit stack holds, one after the other: [next] gives the innermost that is left, and [leave] leaves it with the
 * exception that is under way and says whether that ends there.
 *
 * It ends as nested blocks would: with whether [exception] was suppressed, or by throwing what was thrown last and not
 * suppressed.
 */
internal inline fun <E : Any> unwind(
    exception: Throwable?,
    next: () -> E?,
    leave: (E, Throwable?) -> Boolean,
): Boolean {
    var underWay = exception
    var isNew = false
    var suppressed = false
    while (true) {
        val entry = next() ?: break
        try {
            if (leave(entry, underWay)) {
                suppressed = true
                isNew = false
                underWay = null
            }
        } catch (e: Throwable) {
            isNew = true
            underWay = e.inPlaceOf(underWay)
        }
    }
    if (isNew) throw underWay!!
    return exception != null && suppressed
}
