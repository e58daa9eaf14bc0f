// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.inPlaceOf

/**
 * Leaves the entries of an exit stack, one after the other: [next] returns the innermost remaining entry, and [leave] leaves it with the
 * current exception and returns whether it suppressed that.
 *
 * It ends as nested blocks would: it returns whether [exception] was suppressed, or throws the last exception that was thrown and not
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
