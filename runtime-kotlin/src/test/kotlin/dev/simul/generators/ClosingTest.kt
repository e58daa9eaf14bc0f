// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs

class ClosingTest :
    FunSpec({
        var closed = 0
        beforeTest { closed = 0 }

        test("it gives the thing, and closes it after the block") {
            val thing = AutoCloseable { closed++ }
            closing(thing).use {
                it shouldBeSameInstanceAs thing
                closed shouldBe 0
            }
            closed shouldBe 1
        }

        test("it closes the thing when the block fails") {
            shouldThrow<ArithmeticException> { closing(AutoCloseable { closed++ }).use { throw ArithmeticException() } }
            closed shouldBe 1
        }

        test("what closing throws replaces the block's exception, and keeps it") {
            val block = ArithmeticException()
            val failure = IllegalStateException()
            shouldThrow<IllegalStateException> {
                closing(AutoCloseable { throw failure }).use { throw block }
            } shouldBeSameInstanceAs failure
            failure.suppressed.toList() shouldContainExactly listOf(block)
        }
    })
