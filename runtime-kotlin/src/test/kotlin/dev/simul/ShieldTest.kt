// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.exceptions.CancelledException
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.loop.setEventLoop
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException

class ShieldTest :
    FunSpec({
        context("following what is shielded") {
            loopTest("its result") {
                val inner = Future<Int>()
                val outer = shield(inner)
                inner.setResult(42)
                outer.await() shouldBe 42
            }

            loopTest("its failure") {
                val inner = Future<Int>()
                val outer = shield(inner)
                val thrown = IllegalStateException("expected")
                inner.setException(thrown)
                turns()
                outer.exception() shouldBeSameInstanceAs thrown
            }

            loopTest("its cancellation") {
                val inner = Future<Int>()
                val outer = shield(inner)
                inner.cancel()
                turns()
                outer.cancelled() shouldBe true
            }

            loopTest("what is done already is given back itself") {
                val done = Future<Int>()
                done.setResult(42)
                shield(done) shouldBeSameInstanceAs done
                turnsOf { shield(done).await() shouldBe 42 } shouldBe 0
            }
        }

        context("cancelling the shield") {
            test("does not reach what is shielded, whose result comes to nothing") {
                reportsOf {
                    val inner = Future<Int>()
                    val outer = shield(inner)
                    turns()
                    outer.cancel() shouldBe true
                    turns()
                    outer.cancelled() shouldBe true
                    inner.cancelled() shouldBe false
                    inner.setResult(1)
                    turns()
                    outer.cancelled() shouldBe true
                }.shouldBeEmpty()
            }

            test("a failure that comes later is reported, with the future") {
                val thrown = IOException("foo")
                lateinit var inner: Future<Int>
                val reports =
                    reportsOf {
                        inner = Future()
                        val outer = shield(inner)
                        outer.cancel()
                        turns()
                        inner.setException(thrown)
                        turns()
                    }
                val report = reports.single()
                report.message shouldBe "IOException exception in shielded future"
                report.exception shouldBeSameInstanceAs thrown
                report["future"] shouldBeSameInstanceAs inner
            }

            test("a failure that comes later is reported once, however many shields there were") {
                reportsOf {
                    val inner = Future<Int>()
                    repeat(3) {
                        shield(inner).cancel()
                        turns()
                    }
                    inner.setException(IOException("foo"))
                    turns()
                }.size shouldBe 1
            }

            test("a failure that another shield receives is reported as well") {
                reportsOf {
                    val inner = Future<Int>()
                    val (dropped, kept) = List(2) { shield(inner) }
                    dropped.cancel()
                    turns()
                    inner.setException(IOException("foo"))
                    shouldThrow<IOException> { kept.await() }
                }.size shouldBe 1
            }

            test("the report comes with the context variables of the task that was shielded") {
                val variable = ContextVar("variable", "default")
                val seen = mutableListOf<String>()
                runTest {
                    getRunningLoop().exceptionHandler = ExceptionHandler { _, _ -> seen += variable.get() }
                    val gate = Future<Unit>()
                    val outer =
                        shield {
                            variable.set("of the task")
                            gate.await()
                            throw IOException("foo")
                        }
                    turns()
                    outer.cancel()
                    turns()
                    gate.setResult(Unit)
                    turns(2)
                }
                seen shouldContainExactly listOf("of the task")
            }

            loopTest("is what cancelling the task that awaits it does: what is shielded runs on") {
                val events = mutableListOf<String>()
                val waiter = Future<Unit>()
                val outer =
                    createTask {
                        shield {
                            waiter.await()
                            events += "inner went on"
                        }.await()
                        events += "outer went on"
                    }
                turns(2)
                outer.cancel()
                shouldThrow<CancelledException> { outer.await() }
                waiter.setResult(Unit)
                turns()
                events shouldContainExactly listOf("inner went on")
            }
        }

        context("with gather") {
            loopTest("a shielded gather runs on") {
                val children = List(2) { Future<Int>() }
                val parent = gather(children)
                val outer = shield(parent)
                turns()
                outer.cancel()
                turns()
                outer.cancelled() shouldBe true
                children.forEachIndexed { n, child -> child.setResult(n) }
                turns()
                parent.result() shouldContainExactly listOf(0, 1)
            }

            loopTest("a gather of shields cancels the shields, and what is shielded runs on") {
                val children = List(2) { Future<Int>() }
                val shields = children.map { shield(it) }
                val parent = gather(shields)
                turns()
                parent.cancel()
                turns()
                parent.exception().shouldBeInstanceOf<CancelledException>()
                shields.forEach { it.cancelled() shouldBe true }
                children.forEach { it.cancelled() shouldBe false }
                children.forEachIndexed { n, child -> child.setResult(n) }
                turns()
            }
        }

        test("the loop is the running or the current one") {
            withLoop { loop ->
                val running = loop.runUntilComplete { shield { 42 } }
                running.loop shouldBeSameInstanceAs loop
                loop.runUntilComplete(running) shouldBe 42
                setEventLoop(loop)
                try {
                    val current = shield { 42 }
                    current.loop shouldBeSameInstanceAs loop
                    loop.runUntilComplete(current) shouldBe 42
                } finally {
                    setEventLoop(null)
                }
            }
            shouldRefuse("no current event loop") { shield { 42 } }
        }
    })
