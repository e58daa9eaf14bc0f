// SPDX-License-Identifier: Apache-2.0
package dev.simul.house.upwards

import dev.simul.house.upwards.loop.Ticker

/** The half of a cycle that is allowed: the root imports the loop. */
class Board(
    val ticker: Ticker,
)
