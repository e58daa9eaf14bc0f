// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.Context
import dev.simul.context.ContextVar
import dev.simul.context.copyContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicReference
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

class TaskContextTest :
    FunSpec({
        loopTest("a task has a copy of its creator's values, made at its creation; neither sees the other's changes") {
            val variable = ContextVar("variable", "nope")
            variable.set("before")
            val events = mutableListOf<String>()
            val task =
                createTask {
                    sleep(TICK)
                    events += variable.get()
                    variable.set("something else")
                }
            variable.set("yes")
            task.await()
            variable.get() shouldBe "yes"
            events shouldContainExactly listOf("before")
        }

        test("its changes last over its awaits, and those of callbacks do not reach it") {
            val variable = ContextVar("variable", "nope")
            runTest {
                variable.get() shouldBe "nope"
                repeat(2) { j ->
                    val future = Future<Unit>()
                    future.addDoneCallback { variable.set("something else") }
                    variable.set("yes$j")
                    getRunningLoop().callSoon { future.setResult(Unit) }
                    future.await()
                    variable.get() shouldBe "yes$j"
                    repeat(3) { i ->
                        variable.set("yes$i-$j")
                        sleep(TICK)
                        variable.get() shouldBe "yes$i-$j"
                    }
                }
            }
            variable.get() shouldBe "nope"
        }

        test("a hundred tasks keep their values apart") {
            val variable = ContextVar("variable", -1)
            runTest {
                val tasks =
                    List(100) { number ->
                        createTask {
                            repeat(10) { i ->
                                variable.set(number + i)
                                sleep(TICK * ((number * 7 + i * 3) % 5 + 1))
                                variable.get() shouldBe number + i
                            }
                        }
                    }
                gather(tasks).await()
            }
            variable.get() shouldBe -1
        }

        loopTest("tasks that are given the same context share it, one after the other, with who gave it") {
            val variable = ContextVar<Int>("variable")
            val given = copyContext()

            suspend fun set(value: Int) {
                sleep(Duration.ZERO)
                variable.set(value)
            }
            val seen = mutableListOf(given.get(variable, 0))
            createTask(context = given) { set(1) }.await()
            seen += given[variable]
            getRunningLoop().createTask(context = given) { set(2) }.await()
            seen += given[variable]
            createTask(coroutine { set(3) }, context = given).await()
            seen += given[variable]
            seen shouldContainExactly listOf(0, 1, 2, 3)
            variable.get(0) shouldBe 0
        }

        loopTest("tasks that take turns in a shared context see each other's changes") {
            val variable = ContextVar("variable", "")
            val given = Context()
            val tasks =
                listOf("a", "b").map { name ->
                    createTask(context = given) {
                        repeat(2) {
                            variable.set(variable.get() + name)
                            turns()
                        }
                    }
                }
            tasks.forEach { it.await() }
            given[variable] shouldBe "abab"
        }

        test("a task tells its context") {
            withLoop { loop ->
                val given = copyContext()
                val task = loop.createTask(context = given) { }
                loop.runUntilComplete(task)
                task.context shouldBeSameInstanceAs given
            }
        }

        test("a task has one context, also when it and another thread ask for it at the same time") {
            val variable = ContextVar("variable", -1)
            val latest = AtomicReference<Task<*>>()
            val isOver = AtomicBoolean()
            val asking = thread { while (!isOver.get()) latest.get()?.context }
            try {
                runTest {
                    repeat(20_000) { i ->
                        createTask {
                            latest.set(currentTask())
                            repeat(i % 500) { isOver.get() } // Until the other thread has seen it, or nearly so.
                            variable.get() shouldBe -1
                            variable.set(i)
                            currentTask()!!.context[variable] shouldBe i
                        }.await()
                    }
                }
            } finally {
                isOver.set(true)
                asking.join()
            }
        }

        loopTest("a callback has the values of its scheduling; a thread has them by toThread, and none in an executor") {
            val variable = ContextVar("variable", "default")
            variable.set("set")
            val seen = mutableListOf<String>()
            getRunningLoop().callSoon { seen += "callSoon ${variable.get()}" }
            getRunningLoop().callLater(TICK) { seen += "callLater ${variable.get()}" }
            variable.set("changed")
            sleep(TICK * 2)
            seen += "toThread ${toThread { variable.get().also { variable.set("in the thread") } }}"
            seen += "runInExecutor ${getRunningLoop().runInExecutor { variable.get() }.await()}"
            seen += "task ${variable.get()}"
            seen shouldContainExactly
                listOf(
                    "callSoon set",
                    "callLater set",
                    "toThread changed",
                    "runInExecutor default",
                    "task changed",
                )
        }

        test("a runner's runs share one context") {
            val variable = ContextVar("variable", "default")
            Runner(loopFactory = { VirtualClock().newLoop() }).use { runner ->
                runner.run { variable.set("first run") }
                runner.run { variable.get() } shouldBe "first run"
                val given = Context()
                runner.run(given) { variable.get() } shouldBe "default"
            }
            variable.get() shouldBe "default"
        }

        test("a task's context cannot be entered while it runs, also not below another one, and can be when it waits") {
            val variable = ContextVar("variable", "foo")
            runTest {
                val task =
                    createTask {
                        val own = currentTask()!!.context
                        shouldThrow<IllegalStateException> { own.run { } }
                        copyContext().run {
                            shouldThrow<IllegalStateException> { own.run { } }
                            shouldThrow<IllegalStateException> { createTask(context = own, eagerStart = true) { } }
                        }
                        createTask(eagerStart = true) { shouldThrow<IllegalStateException> { own.run { } } }.await()
                        sleep(0.seconds)
                        variable.get()
                    }
                turns()
                task.context.run { variable.set("bar") }
                task.await() shouldBe "bar"
            }
        }

        test("a callback may run with the context of the task that has run just before it") {
            val variable = ContextVar("variable", "foo")
            val seen = mutableListOf<String>()
            runTest {
                val task = createTask { variable.set("task's") }
                getRunningLoop().callSoon(task.context) {
                    seen += variable.get()
                    seen += copyContext()[variable]
                    variable.set("callback's")
                }
                task.await()
                turns()
                task.context[variable] shouldBe "callback's"
                variable.get() shouldBe "foo"
            }
            seen shouldContainExactly listOf("task's", "task's")
        }

        test("the exception handler runs with the context variables of the callback that failed") {
            val variable = ContextVar("variable", "foo")
            val seen = mutableListOf<String>()
            runTest {
                getRunningLoop().exceptionHandler = ExceptionHandler { _, _ -> seen += variable.get() }
                getRunningLoop().callSoon {
                    variable.set("bar")
                    error("broken")
                }
                turns()
                seen shouldContainExactly listOf("bar")
                variable.get() shouldBe "foo"
            }
        }
    })
