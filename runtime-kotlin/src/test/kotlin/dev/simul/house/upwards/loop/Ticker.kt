// SPDX-License-Identifier: Apache-2.0
package dev.simul.house.upwards.loop

import dev.simul.house.upwards.Board

/** The half that is not: the loop imports the root. */
class Ticker(
    val board: Board?,
)
