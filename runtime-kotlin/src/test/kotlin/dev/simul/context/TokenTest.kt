// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs

class TokenTest :
    FunSpec({
        test("a token knows its variable and the value before, which a default is not") {
            val variable = ContextVar("variable", 0)
            Context().run {
                val first = variable.set(1)
                first.variable shouldBeSameInstanceAs variable
                first.hasOldValue shouldBe false
                shouldThrow<NoSuchElementException> { first.oldValue }
                val second = variable.set(2)
                second.hasOldValue shouldBe true
                second.oldValue shouldBe 1
            }
        }

        test("a token sets its variable for the length of a block") {
            val withDefault = ContextVar("withDefault", 42)
            val withoutDefault = ContextVar<Int>("withoutDefault")
            Context().run {
                withDefault.set(36).use { withDefault.get() shouldBe 36 }
                withDefault.get() shouldBe 42
                withoutDefault.set(36).use { withoutDefault.get() shouldBe 36 }
                shouldThrow<NoSuchElementException> { withoutDefault.get() }
            }
        }

        test("the variable is reset when the block throws") {
            val variable = ContextVar("variable", 42)
            Context().run {
                shouldThrow<ArithmeticException> { variable.set(36).use { throw ArithmeticException() } }
                variable.get() shouldBe 42
            }
        }

        test("a token cannot close two blocks") {
            val variable = ContextVar("variable", 42)
            Context().run {
                val token = variable.set(36)
                shouldThrow<IllegalStateException> { token.use { token.use { variable.get() shouldBe 36 } } }
                    .message shouldContain "has already been used once"
                variable.get() shouldBe 42
            }
        }

        test("further sets in the block are undone with it") {
            val variable = ContextVar("variable", 42)
            Context().run {
                variable.set(36).use {
                    variable.set(24)
                    variable.set(12)
                    variable.get() shouldBe 12
                }
                variable.get() shouldBe 42
            }
        }

        test("a token that was reset in its block fails at the end of it") {
            val variable = ContextVar("variable", 42)
            Context().run {
                shouldThrow<IllegalStateException> {
                    variable.set(36).use {
                        variable.reset(it)
                        variable.get() shouldBe 42
                    }
                }
                variable.get() shouldBe 42
            }
        }

        test("another token can be reset within the block") {
            val variable = ContextVar("variable", 42)
            Context().run {
                variable.set(36).use {
                    val inner = variable.set(24)
                    variable.reset(inner)
                    variable.get() shouldBe 36
                }
                variable.get() shouldBe 42
            }
        }

        test("the text of a token tells whether it was used") {
            val variable = ContextVar<Int>("variable")
            Context().run {
                val token = variable.set(1)
                token.toString() shouldBe "<Token var=<ContextVar name='variable'>>"
                token.close()
                token.toString() shouldBe "<Token used var=<ContextVar name='variable'>>"
            }
        }
    })
