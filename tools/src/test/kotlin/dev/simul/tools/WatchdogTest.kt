// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools

import dev.simul.house.watchedTests
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class WatchdogTest :
    FunSpec({
        test("the watchdog of the runtime's tests sees these too") {
            watchedTests().last() shouldBe "the watchdog of the runtime's tests sees these too"
        }
    })
