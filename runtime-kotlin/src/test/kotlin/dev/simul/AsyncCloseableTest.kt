// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.generators.asyncGenerator
import dev.simul.generators.contextManager
import dev.simul.generators.use
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.time.Duration.Companion.ZERO

class AsyncCloseableTest :
    FunSpec({
        val events = mutableListOf<Any?>()
        beforeTest { events.clear() }

        class Thing(
            private val failure: Throwable? = null,
        ) : AsyncCloseable {
            override suspend fun aclose() {
                sleep(ZERO)
                events += "closed"
                if (failure != null) throw failure
            }
        }

        test("aclosing gives the thing, and closes it after the block") {
            runTest {
                val thing = Thing()
                aclosing(thing) {
                    it shouldBeSameInstanceAs thing
                    events += "block"
                    7
                } shouldBe 7
            }
            events shouldContainExactly listOf("block", "closed")
        }

        test("aclosing closes it when the block fails, and when it returns from the function around it") {
            suspend fun returning(): Int {
                aclosing(Thing()) { return 1 }
            }
            runTest {
                shouldThrow<ArithmeticException> { aclosing(Thing()) { throw ArithmeticException() } }
                returning() shouldBe 1
            }
            events shouldContainExactly listOf("closed", "closed")
        }

        test("what closing throws replaces the block's exception, and keeps it") {
            runTest {
                val block = ArithmeticException()
                val closing = IllegalStateException()
                shouldThrow<IllegalStateException> {
                    aclosing(
                        Thing(closing),
                    ) { throw block }
                } shouldBeSameInstanceAs closing
                closing.suppressed.toList() shouldContainExactly listOf(block)
                shouldThrow<IllegalStateException> {
                    aclosing(
                        Thing(closing),
                    ) { events += "block" }
                } shouldBeSameInstanceAs closing
            }
            events shouldContainExactly listOf("closed", "block", "closed")
        }

        test("as a context manager it does the same") {
            runTest {
                val thing = Thing()
                aclosing(thing).use { it shouldBeSameInstanceAs thing }
                shouldThrow<ArithmeticException> { aclosing(thing).use { throw ArithmeticException() } }
            }
            events shouldContainExactly listOf("closed", "closed")
        }

        test("a generator that is left half-way leaves the blocks it is in") {
            runTest {
                val resource =
                    contextManager<Unit> {
                        try {
                            yield(Unit)
                        } finally {
                            events += "released"
                        }
                    }
                val generator =
                    asyncGenerator<Int> {
                        resource.use {
                            yield(-1)
                            yield(-2)
                        }
                    }
                shouldThrow<ArithmeticException> {
                    aclosing(generator) {
                        it.anext() shouldBe -1
                        throw ArithmeticException()
                    }
                }
            }
            events shouldContainExactly listOf("released")
        }
    })
