// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.testing.LoopState

/** What a loop holds more than when this was made: tasks, timers, transports, channels. For the tests of other modules. */
class Leftovers(
    private val loop: EventLoop = getRunningLoop(),
) {
    private val before = LoopState.of(loop)

    /** Describes each of them. */
    fun now(): List<String> = LoopState.of(loop).since(before)
}
