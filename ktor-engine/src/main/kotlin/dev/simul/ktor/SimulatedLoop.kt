// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor

import dev.simul.loop.EventLoop
import dev.simul.loop.SimulationApi
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.loop.simulation

/** The loop that runs in this thread, if it is part of a simulation. */
@OptIn(SimulationApi::class)
internal fun simulatedLoop(): EventLoop? = getRunningLoopOrNull()?.takeIf { it.simulation != null }
