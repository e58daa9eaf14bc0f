// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

class ContextVarTest :
    FunSpec({
        test("a variable has the name it was given, and is another one than its namesake") {
            val variable = ContextVar<String>("name")
            val namesake = ContextVar<String>("name")
            variable.name shouldBe "name"
            Context().run {
                variable.set("value")
                namesake.get("none") shouldBe "none"
            }
        }

        test("a variable without a value and a default cannot be read, and the message names it") {
            val variable = ContextVar<Int>("answer")
            shouldThrow<NoSuchElementException> { variable.get() }.message shouldContain "<ContextVar name='answer'"
            variable.get(7) shouldBe 7
        }

        test("the argument of get goes before the declared default, and a set value before both") {
            val variable = ContextVar("variable", 1)
            Context().run {
                variable.get() shouldBe 1
                variable.get(2) shouldBe 2
                variable.set(3)
                variable.get() shouldBe 3
                variable.get(2) shouldBe 3
            }
        }

        test("a declared default may be a string or null") {
            ContextVar("variable", "text").get() shouldBe "text"
            ContextVar<String?>("variable", null).get() shouldBe null
        }

        test("null is a value like any other") {
            val variable = ContextVar<String?>("variable", "default")
            Context().run {
                variable.set(null)
                variable.get() shouldBe null
                variable.get("other") shouldBe null
            }
        }

        test("reset undoes one set, step by step, down to no value at all") {
            val variable = ContextVar<Any>("variable")
            Context().run {
                val first = variable.set(42)
                val second = variable.set("spam")
                second.oldValue shouldBe 42
                variable.reset(second)
                variable.get() shouldBe 42

                variable.set("spam2")
                val copy = copyContext()
                variable.reset(first)
                variable.get("none") shouldBe "none"
                copy.asMap() shouldContainExactly mapOf(variable to "spam2")
                copyContext().size shouldBe 0
            }
        }

        test("a token works once") {
            val variable = ContextVar<Int>("variable")
            Context().run {
                val token = variable.set(1)
                variable.reset(token)
                variable.set(2)
                shouldThrow<IllegalStateException> { variable.reset(token) }.message shouldContain
                    "has already been used once"
                variable.get() shouldBe 2
            }
        }

        test("a token of another variable is refused and stays usable") {
            val first = ContextVar<Int>("first")
            val second = ContextVar<Int>("second")
            Context().run {
                val token = first.set(42)
                shouldThrow<IllegalArgumentException> { second.reset(token) }.message shouldContain
                    "created by a different ContextVar"
                first.reset(token)
                first.get(0) shouldBe 0
            }
        }

        test("a token made in another context is refused") {
            val variable = ContextVar("variable", 42)
            val context = Context()
            val token = context.run { variable.set(1) }
            shouldThrow<IllegalArgumentException> { variable.reset(token) }.message shouldContain
                "created in a different Context"
            context.run {
                variable.reset(token)
                variable.get() shouldBe 42
            }
        }

        test("a token made in a context is refused in its copy") {
            val variable = ContextVar<Int>("variable")
            Context().run {
                val token = variable.set(1)
                copyContext().run { shouldThrow<IllegalArgumentException> { variable.reset(token) } }
                variable.reset(token)
            }
        }

        test("resetting a variable with a default removes it from its context") {
            val variable = ContextVar("variable", 42)
            val context = Context()
            context.run {
                (variable in context) shouldBe false
                val token = variable.set(1)
                context.variables shouldBe setOf(variable)
                variable.reset(token)
                context.variables shouldBe emptySet()
                variable.get() shouldBe 42
            }
        }
    })
