// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import dev.simul.loop.getRunningLoopOrNull
import kotlin.random.Random

/** The random numbers of the loop that runs here, if one does. */
internal fun randomHere(): Random = getRunningLoopOrNull()?.random ?: Random
