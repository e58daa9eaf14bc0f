// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Context
import dev.simul.context.ContextVar
import dev.simul.context.copyContext
import dev.simul.loop.EventLoop
import dev.simul.loop.RecordedLog
import dev.simul.loop.getEventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.setEventLoop
import dev.simul.testing.VirtualClock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class RunnerTest :
    FunSpec({
        val events = mutableListOf<String>()
        beforeTest { events.clear() }
        afterTest { setEventLoop(null) }

        fun virtualRunner() = Runner(loopFactory = { VirtualClock().newLoop() })

        test("switches debug mode on or off") {
            Runner(debug = false).use { it.loop.debug shouldBe false }
            Runner(debug = true).use { it.loop.debug shouldBe true }
        }

        test("makes its loop by the factory, when it is first needed, and once") {
            val made = mutableListOf<EventLoop>()
            val runner = Runner(loopFactory = { VirtualClock().newLoop().also { made += it } })
            made.shouldBeEmpty()
            runner.use {
                runner.loop shouldBeSameInstanceAs made.single()
                runner.run { getRunningLoop() } shouldBeSameInstanceAs made.single()
                runner.loop shouldBeSameInstanceAs made.single()
            }
        }

        context("tasks that were cancelled and do not end") {
            /** The log of the end of a run that such a task holds up for [duration]. */
            fun logOfEnd(
                loopFactory: (() -> EventLoop)?,
                duration: Duration,
            ): List<RecordedLog.Entry> =
                RecordedLog.during {
                    Runner(loopFactory = loopFactory).apply { patience = 20.milliseconds }.use { runner ->
                        runner.run {
                            createTask(name = "stubborn") {
                                try {
                                    sleep(1.hours)
                                } finally {
                                    sleep(duration)
                                    check(true)
                                }
                            }
                            sleep(Duration.ZERO)
                        }
                    }
                }

            test("are named once, with their ledger and their lines, while the run waits for them") {
                val message = logOfEnd(null, 200.milliseconds).single().message
                message.lines().first() shouldBe "run() waits for tasks that were cancelled 20ms ago and have not ended:"
                message shouldContain Regex("\n\\* stubborn: waiting for sleep, [0-9.]+[a-z]+ left\n")
                message shouldContain Regex("\n    asked to cancel by the end of the run; delivered at \\S+; then it awaited sleep at \\S+")
                message shouldContain Regex("\n    at dev.simul.RunnerTest\\S+\\(RunnerTest.kt:\\d+\\)")
            }

            test("are not named if they end in time, nor on virtual time") {
                logOfEnd(null, Duration.ZERO).shouldBeEmpty()
                logOfEnd({ VirtualClock().newLoop() }, 1.hours).shouldBeEmpty()
            }
        }

        test("a runner that never made its loop makes none to close it") {
            Runner(loopFactory = { throw AssertionError() }).close()
        }

        test("a runner that was closed before it was used runs all the same") {
            val runner = virtualRunner()
            runner.close()
            runner.use { it.run { "ran" } } shouldBe "ran"
            shouldThrow<IllegalStateException> { runner.run { "closed" } }
        }

        test("runs several coroutines on one loop, and closes it at the end") {
            lateinit var loop: EventLoop
            val runner = virtualRunner()
            runner.use {
                loop = runner.loop
                runner.run { sleep(1.seconds, "first") } shouldBe "first"
                runner.run { sleep(1.seconds, "second") } shouldBe "second"
                loop.time() shouldBe 2.seconds
            }
            loop.isClosed shouldBe true
            shouldThrow<IllegalStateException> { runner.loop }.message shouldContain "Runner is closed"
        }

        test("goes on after a run that has failed") {
            virtualRunner().use { runner ->
                shouldThrow<ArithmeticException> { runner.run { throw ArithmeticException() } }
                runner.run { "next" } shouldBe "next"
            }
        }

        test("tasks of one run go on in the next") {
            virtualRunner().use { runner ->
                val task = runner.run { createTask { sleep(1.seconds, "slow") } }
                task.done() shouldBe false
                runner.run { task.await() } shouldBe "slow"
            }
        }

        test("runs a future, a task or anything awaitable") {
            virtualRunner().use { runner ->
                val future = runner.loop.createFuture<String>()
                future.setResult("future")
                runner.run(future) shouldBe "future"
                runner.run(runner.loop.createTask { "task" }) shouldBe "task"
                runner.run(coroutine { "coroutine" }) shouldBe "coroutine"
                val awaitable =
                    object : Awaitable<String> {
                        override suspend fun await(): String = sleep(1.seconds, "awaitable")
                    }
                runner.run(awaitable) shouldBe "awaitable"
            }
        }

        test("closing it closes the loop; closing it again does nothing") {
            val runner = virtualRunner()
            val loop = runner.loop
            runner.close()
            loop.isClosed shouldBe true
            runner.close()
            shouldThrow<IllegalStateException> { runner.loop }.message shouldContain "Runner is closed"
        }

        test("a closed runner runs nothing") {
            val runner = virtualRunner()
            runner.use { it.run { events += "1" } }
            shouldThrow<IllegalStateException> { runner.use { it.run { events += "2" } } }.message shouldContain "Runner is closed"
            events shouldContainExactly listOf("1")
        }

        test("all its runs share one context, a copy of the one it was first used in") {
            val variable = ContextVar("variable", -1)

            suspend fun replace(value: Int): Int {
                val old = variable.get()
                sleep(Duration.ZERO)
                variable.set(value)
                return old
            }
            virtualRunner().use { runner ->
                runner.run { replace(1) } shouldBe -1
                runner.run { replace(2) } shouldBe 1
                runner.run { copyContext() }[variable] shouldBe 2
                variable.get() shouldBe -1
                variable.set(9)
                runner.run { variable.get() } shouldBe 2
            }
        }

        test("a run takes the context that is given") {
            val variable = ContextVar("variable", -1)
            val context = Context()
            virtualRunner().use { runner ->
                runner.run(context) { variable.set(5) }
                context[variable] shouldBe 5
                runner.run { variable.get() } shouldBe -1
                runner.run(coroutine { variable.get() }, context) shouldBe 5
            }
        }

        test("is refused inside a running loop, its own included") {
            virtualRunner().use { runner ->
                runner.run {
                    shouldThrow<IllegalStateException> { runner.run { events += "never" } }.message shouldContain
                        "Runner.run cannot be called from a running event loop"
                    virtualRunner().use { other ->
                        shouldThrow<IllegalStateException> { other.run { events += "never" } }
                    }
                }
                runner.run { "usable" } shouldBe "usable"
            }
            events.shouldBeEmpty()
        }

        test("without a factory, its loop is the thread's current one until it is closed") {
            val runner = Runner()
            runner.run {}
            getEventLoop() shouldBeSameInstanceAs runner.loop
            val other = VirtualClock().newLoop()
            setEventLoop(other)
            runner.run {}
            getEventLoop() shouldBeSameInstanceAs other // it was set once
            runner.close()
            shouldThrow<IllegalStateException> { getEventLoop() }
        }

        test("closing it cancels what is left of all its runs") {
            val runner = virtualRunner()
            val tasks = List(3) { runner.run { createTask { sleep(1.hours) } } }
            runner.close()
            tasks.map { it.cancelled() } shouldContainExactly listOf(true, true, true)
        }

        test("the text of a result is not asked for") {
            val result =
                object {
                    var asked = 0

                    override fun toString(): String = "result".also { asked++ }
                }
            virtualRunner().use { runner -> runner.run { result } }
            result.asked shouldBe 0
        }
    })
