// SPDX-License-Identifier: Apache-2.0
package dev.simul.context

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread

class ContextTest :
    FunSpec({
        test("run gives back what its block returns") {
            Context().run { "result" } shouldBe "result"
        }

        test("run lets exceptions out and leaves the context") {
            val context = Context()
            val variable = ContextVar<String>("variable")
            shouldThrow<ArithmeticException> {
                context.run {
                    variable.set("inside")
                    throw ArithmeticException()
                }
            }
            variable.get("none") shouldBe "none"
            context[variable] shouldBe "inside"
            context.run { variable.get() } shouldBe "inside"
        }

        test("values set in a context stay in it, also when contexts nest") {
            val outer = Context()
            val inner = Context()
            val variable = ContextVar<String?>("variable")
            val seen = mutableListOf<String?>()
            val copy =
                outer.run {
                    seen += variable.get(null)
                    variable.set("spam")
                    inner.run { seen += variable.get(null) }
                    seen += variable.get(null)
                    copyContext()
                }
            seen shouldContainExactly listOf(null, null, "spam")
            copy shouldNotBeSameInstanceAs outer
            copy.asMap() shouldBe outer.asMap()
            outer[variable] shouldBe "spam"
            (variable in outer) shouldBe true
            (variable in inner) shouldBe false
        }

        test("a context shows what its own block sets at once") {
            val context = Context()
            val variable = ContextVar("variable", 0)
            context.run {
                variable.get() shouldBe 0
                context.getOrNull(variable) shouldBe null
                variable.set(42)
                variable.get() shouldBe 42
                context.getOrNull(variable) shouldBe 42
            }
        }

        test("a context that is entered cannot be entered again") {
            val context = Context()
            val error = shouldThrow<IllegalStateException> { context.run { context.run { } } }
            error.message shouldContain "cannot enter context: $context is already entered"
            context.run { "again" } shouldBe "again"
        }

        test("a context that is entered below another one cannot be entered again") {
            val context = Context()
            val other = Context()
            shouldThrow<IllegalStateException> { context.run { other.run { context.run { } } } }
            other.run { context.run { "both" } } shouldBe "both"
        }

        test("a context that is entered on one thread cannot be entered on another") {
            val context = Context()
            val entered = CountDownLatch(1)
            val tried = CountDownLatch(1)
            val holder =
                thread {
                    context.run {
                        entered.countDown()
                        tried.await()
                    }
                }
            entered.await()
            val attempt = runCatching { context.run { "twice" } }
            tried.countDown()
            holder.join()
            attempt.exceptionOrNull()!!.message shouldContain "is already entered"
            context.run { "free again" } shouldBe "free again"
        }

        test("a loop can enter a context on a current and leave it") {
            val current = CurrentContext.current()
            val before = current.context
            val context = Context()
            val variable = ContextVar<Int>("variable")
            context.enter(current)
            variable.set(1)
            shouldThrow<IllegalStateException> { context.enter(current) }
            current.context shouldBeSameInstanceAs context
            context.exit(current, before)
            current.context shouldBeSameInstanceAs before
            context[variable] shouldBe 1
            variable.get(0) shouldBe 0
        }

        test("a copy and its original go separate ways") {
            val original = Context()
            val variable = ContextVar("variable", 42)
            original.run {
                variable.set(10)
                val copy = original.copy()
                copy[variable] shouldBe 10
                variable.set(20)
                original[variable] shouldBe 20
                copy[variable] shouldBe 10
                copy.run {
                    variable.get() shouldBe 10
                    variable.set(30)
                    variable.get() shouldBe 30
                }
                original[variable] shouldBe 20
                copy[variable] shouldBe 30
            }
        }

        test("a mutable value is shared by copies unless it is replaced") {
            val variable = ContextVar("variable", mutableListOf<Int>())
            Context().run {
                variable.set(mutableListOf())
                copyContext().run {
                    variable.set(mutableListOf())
                    variable.get() += 42
                }
                variable.get().shouldBeEmpty()
                copyContext().run { variable.get() += 7 }
                variable.get() shouldContainExactly listOf(7)
            }
        }

        test("a context reads like a map") {
            val first = ContextVar<String>("first")
            val second = ContextVar<Int?>("second")
            val unset = ContextVar("unset", "default")
            val context = Context()
            context.size shouldBe 0
            context.asMap() shouldBe emptyMap()
            context.run {
                first.set("one")
                second.set(null)
            }
            context.size shouldBe 2
            context.variables shouldBe setOf(first, second)
            context.asMap() shouldContainExactly mapOf(first to "one", second to null)
            context[first] shouldBe "one"
            context.get(first, "other") shouldBe "one"
            context[second] shouldBe null
            context.get(second, 7) shouldBe null
            (second in context) shouldBe true
            (unset in context) shouldBe false
            context.get(unset, "other") shouldBe "other"
            context.getOrNull(unset) shouldBe null
            shouldThrow<NoSuchElementException> { context[unset] }.message shouldContain "unset"
        }

        test("the map of a context does not change with it") {
            val variable = ContextVar<Int>("variable")
            val context = Context()
            context.run {
                variable.set(1)
                val map = context.asMap()
                variable.set(2)
                map shouldContainExactly mapOf(variable to 1)
            }
        }

        test("a new thread starts with an empty context") {
            val variable = ContextVar<Int>("variable")
            val seen = mutableListOf<Int?>()
            Context().run {
                variable.set(1)
                thread { seen += runCatching { variable.get() }.getOrNull() }.join()
                val copy = copyContext()
                thread { copy.run { seen += variable.get() } }.join()
            }
            seen shouldContainExactly listOf(null, 1)
        }

        test("threads do not see each other's values") {
            val variable = ContextVar<Int>("variable")
            val everyoneHasSet = CountDownLatch(10)
            val seen = arrayOfNulls<Int>(10)
            val threads =
                List(10) { number ->
                    thread {
                        variable.set(number)
                        everyoneHasSet.countDown()
                        everyoneHasSet.await()
                        seen[number] = variable.get()
                    }
                }
            threads.forEach(Thread::join)
            seen.toList() shouldContainExactly (0..9).toList()
        }
    })
