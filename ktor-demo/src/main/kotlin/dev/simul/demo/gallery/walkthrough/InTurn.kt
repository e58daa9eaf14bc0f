// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather

private suspend fun total(): Int {
    var total = 0
    for (i in powersOfTwo(5)) total += i
    return total
}

internal fun inTurn() =
    run {
        val start = perfCounter()
        println("${listOf(total(), total())} in turn, after %.2f seconds".format(perfCounter() - start))
        val again = perfCounter()
        println("${gather({ total() }, { total() }).await()} at once, after %.2f seconds".format(perfCounter() - again))
    }
