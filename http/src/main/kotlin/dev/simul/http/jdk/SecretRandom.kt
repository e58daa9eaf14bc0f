// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.loop.EventLoop
import dev.simul.loop.SimulationApi
import dev.simul.loop.simulation
import java.security.SecureRandom
import kotlin.random.Random
import kotlin.random.asKotlinRandom

/** Numbers that nobody outside can foresee. In a simulation, its seed decides them. */
@OptIn(SimulationApi::class)
internal val EventLoop.secretRandom: Random get() = if (simulation == null) secure else random

private val secure = SecureRandom().asKotlinRandom()
