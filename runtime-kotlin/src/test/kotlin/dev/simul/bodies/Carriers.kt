// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.resultOfTest

/** The carriers that the JVM of the tests has; it is open for all that its version knows. */
internal val carriersHere: List<Carrier> = Carrier.available()

internal fun <T> onVirtualTime(
    carrier: Carrier,
    debug: Boolean? = null,
    body: suspend () -> T,
): T =
    resultOfTest(debug) {
        getRunningLoop().carrier = carrier
        body()
    }

internal fun newLoopOn(carrier: Carrier): EventLoop = EventLoop().also { it.carrier = carrier }
