// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.tutorial.clocktest

import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.testing.runTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.hours

class ClockTest {
    @Test
    fun anHourPassesAtOnce() =
        runTest {
            sleep(1.hours)
            assertEquals(1.hours, getRunningLoop().time())
        }
}
