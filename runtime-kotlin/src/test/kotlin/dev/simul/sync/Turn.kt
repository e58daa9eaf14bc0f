// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.sleep
import kotlin.time.Duration

/** Gives the other tasks one turn. */
internal suspend fun turn() = sleep(Duration.ZERO)
