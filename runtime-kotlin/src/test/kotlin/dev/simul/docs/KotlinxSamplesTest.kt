// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

class KotlinxSamplesTest :
    FunSpec({
        loopTest("a flow in a task is complete, or out of time") {
            prices() shouldBe listOf(1, 2)
            pricesInTime() shouldBe emptyList()
        }

        loopTest("polling ends with a cancel") {
            val task = createTask { poll() }
            sleep(10.seconds)
            task.cancel("enough")
            shouldThrow<CancelledException> { task.await() }.message shouldBe "enough"
        }

        loopTest("a task that has taken its cancellation back is active") {
            val task = createTask { stubborn() }
            sleep(10.seconds)
            task.cancel()
            task.await() shouldBe true
        }

        test("a task refuses a cancellation inside kotlinx's delay and goes on") {
            printed { runTest { refuseToBeCancelled() } } shouldBe listOf("not so long", "still here")
        }

        test("a computation that yields is ended by its timeout") {
            runLoop { compute() }.shouldBeNull()
        }

        test("a generator on another dispatcher gives its values") {
            runLoop { squares() } shouldBe listOf(1, 4, 9)
        }
    })
