// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncContextManager
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.time.Duration.Companion.ZERO

class NullContextTest :
    FunSpec({
        test("it gives its value, as a manager of either kind") {
            val value = Any()
            nullContext(value).use { it shouldBeSameInstanceAs value }
            (nullContext(value) as ContextManager<Any>).use { it } shouldBeSameInstanceAs value
            runTest {
                (nullContext(value) as AsyncContextManager<Any>).use { it } shouldBeSameInstanceAs value
                nullContext(value).use {
                    sleep(ZERO)
                    it shouldBeSameInstanceAs value
                }
            }
        }

        test("without a value it gives nothing") {
            nullContext().use { it shouldBe Unit }
        }

        test("exceptions go through it, and it may be used again") {
            val context = nullContext(1)
            shouldThrow<ArithmeticException> { context.use { throw ArithmeticException() } }
            shouldThrow<ArithmeticException> { (context as ContextManager<Int>).use { throw ArithmeticException() } }
            runTest {
                shouldThrow<ArithmeticException> {
                    (context as AsyncContextManager<Int>).use { throw ArithmeticException() }
                }
            }
            context.use { it shouldBe 1 }
        }
    })
