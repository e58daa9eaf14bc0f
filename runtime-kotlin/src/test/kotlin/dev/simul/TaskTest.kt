// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.exceptions.SystemExit
import dev.simul.loop.EventLoop
import dev.simul.loop.FatalError
import dev.simul.loop.getRunningLoop
import dev.simul.loop.newEventLoop
import dev.simul.loop.setEventLoop
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.util.concurrent.Callable
import java.util.concurrent.Executors
import dev.simul.run as runLoop

private suspend fun one() = 1

class TaskTest :
    FunSpec({
        context("running") {
            test("a task runs its coroutine and has its result") {
                withLoop { loop ->
                    val task = loop.createTask { one() + 1000 }
                    task.loop shouldBeSameInstanceAs loop
                    task.done() shouldBe false
                    loop.runUntilComplete(task) shouldBe 1001
                    task.done() shouldBe true
                    task.result() shouldBe 1001
                    task.exception() shouldBe null
                }
            }

            loopTest("its first step is a turn of its own, after what was scheduled before") {
                val events = mutableListOf<String>()
                getRunningLoop().callSoon { events += "callback" }
                val task = createTask { events += "task" }
                events += "created"
                task.await()
                events shouldContainExactly listOf("created", "callback", "task")
            }

            loopTest("what the coroutine throws is its exception, with the stack trace of the place") {
                val thrown = IOException("broken")
                val task = createTask<Unit> { throw thrown }
                turns()
                task.done() shouldBe true
                task.cancelled() shouldBe false
                task.exception() shouldBeSameInstanceAs thrown
                task.exception()!!.stackTrace.first().className shouldContain "TaskTest"
                shouldThrow<IOException> { task.await() } shouldBeSameInstanceAs thrown
            }

            loopTest("a future as the result is not awaited") {
                val future = Future<String>()
                val returning = createTask { future }
                val other = createTask { future.setResult("test") }
                returning.await() shouldBeSameInstanceAs future
                other.await()
                future.result() shouldBe "test"
            }

            loopTest("it waits for a future, and goes on one turn after it is done") {
                val future = Future<Any>()
                val given = Any()
                var received: Any? = null
                val task = createTask { received = future.await() }
                turns()
                future.setResult(given)
                received shouldBe null
                turns()
                received shouldBeSameInstanceAs given
                task.done() shouldBe true
                task.result() shouldBe Unit
            }

            loopTest("tasks take turns") {
                val events = mutableListOf<String>()

                suspend fun count(name: String) =
                    repeat(3) {
                        events += "$name$it"
                        turns()
                    }
                val tasks = listOf(createTask { count("a") }, createTask { count("b") })
                tasks.forEach { it.await() }
                events shouldContainExactly listOf("a0", "b0", "a1", "b1", "a2", "b2")
            }

            test("only its coroutine completes it") {
                withLoop { loop ->
                    val task = loop.createTask { "ko" }
                    shouldRefuse("not support setResult") { task.setResult("ok") }
                    shouldRefuse("not support setException") { task.setException(IOException()) }
                    loop.runUntilComplete(task) shouldBe "ko"
                }
            }

            test("stop() leaves it pending, and it goes on with the next run") {
                withLoop { loop ->
                    var count = 0
                    val task =
                        loop.createTask {
                            while (count < 10) {
                                sleep(TICK)
                                if (++count == 2) loop.stop()
                            }
                            "counted"
                        }
                    shouldRefuse("Event loop stopped before Future completed") { loop.runUntilComplete(task) }
                    task.done() shouldBe false
                    count shouldBe 2
                    loop.time() shouldBe TICK * 2
                    loop.runUntilComplete(task) shouldBe "counted"
                    loop.time() shouldBe TICK * 10
                }
            }

            test("on a closed loop none can be made, and the coroutine can still be awaited") {
                lateinit var refused: Coroutine<Int>
                withLoop { loop ->
                    refused = coroutine { 42 }
                    loop.close()
                    shouldRefuse("closed") { loop.createTask(refused) }
                    allTasks(loop).shouldBeEmpty()
                }
                resultOfTest { refused.await() } shouldBe 42
            }

            test("createTask needs a running loop") {
                shouldRefuse("no running event loop") { createTask { one() } }
            }
        }

        context("errors that are thrown into it") {
            test("it cannot await a future of another loop") {
                val other = newEventLoop()
                other.use {
                    val foreign = Future<Unit>(other)
                    val thrown = shouldThrow<IllegalStateException> { runTest { foreign.await() } }
                    thrown.message shouldMatch "<Task .* got <Future pending> attached to a different loop.*"
                }
            }

            loopTest("it cannot await itself") {
                lateinit var task: Task<Unit>
                task = createTask { task.await() }
                shouldRefuse("Task cannot await on itself") { task.await() }
            }

            loopTest("they are thrown one turn later, and the task may go on") {
                val events = mutableListOf<String>()
                lateinit var task: Task<String>
                task =
                    createTask {
                        turnsOf { shouldThrow<IllegalStateException> { task.await() } } shouldBe 1
                        events += "caught"
                        turns()
                        "done"
                    }
                task.await() shouldBe "done"
                events shouldContainExactly listOf("caught")
            }
        }

        context("fatal errors") {
            test("one is the task's exception, and leaves the loop, which can be run again") {
                for (fatal in listOf(KeyboardInterrupt(), SystemExit(3), FatalError("mine"))) {
                    withLoop { loop ->
                        val task = loop.createTask<Unit> { throw fatal }
                        val other = loop.createTask { turns(5) }
                        shouldThrow<FatalError> { loop.runUntilComplete(other) } shouldBeSameInstanceAs fatal
                        task.done() shouldBe true
                        task.exception() shouldBeSameInstanceAs fatal
                        other.done() shouldBe false
                        loop.runUntilComplete(other)
                    }
                }
            }

            test("one that is thrown while the task is being cancelled leaves the loop as well") {
                withLoop { loop ->
                    val exit = SystemExit(1)
                    val task =
                        loop.createTask {
                            try {
                                sleep(TICK)
                            } catch (_: CancelledException) {
                                throw exit
                            }
                        }
                    loop.runUntilComplete { turns() }
                    task.cancel()
                    task.done() shouldBe false
                    shouldThrow<SystemExit> { loop.runUntilComplete { turns() } } shouldBeSameInstanceAs exit
                    task.done() shouldBe true
                    task.cancelled() shouldBe false
                    task.exception() shouldBeSameInstanceAs exit
                }
            }

            test("a task that waits for one that failed so gets it too, if the loop is run on") {
                withLoop { loop ->
                    val failing = loop.createTask<Unit> { throw KeyboardInterrupt() }
                    val waiting = loop.createTask { failing.await() }
                    shouldThrow<KeyboardInterrupt> { loop.runUntilComplete(waiting) }
                    waiting.done() shouldBe false
                    shouldThrow<KeyboardInterrupt> { loop.runUntilComplete(waiting) }
                    waiting.exception() shouldBeSameInstanceAs failing.exception()
                }
            }
        }

        context("names") {
            loopTest("a name can be given, and changed") {
                val task = createTask(name = "No-op") { one() }
                task.name shouldBe "No-op"
                task.name = "other"
                task.name shouldBe "other"
                task.await()
            }

            loopTest("tasks without a name are numbered") {
                val (one, other) = List(2) { createTask { } }
                one.name shouldMatch "Task-[0-9]+"
                numberOf(one) + 1 shouldBe numberOf(other)
            }

            test("loops that run one after the other leave no gap between their numbers, nor does one that does not run") {
                val numbers = ArrayList<Long>()
                repeat(3) {
                    withLoop { loop ->
                        val main = loop.createTask { repeat(100) { numbers += numberOf(createTask { }) } }
                        numbers += numberOf(main)
                        loop.runUntilComplete(main)
                    }
                }
                numbers shouldBe List(303) { numbers.first() + it }
            }

            test("no two loops that run at once use a number twice") {
                val threads = Executors.newFixedThreadPool(4)
                try {
                    val numbers =
                        threads
                            .invokeAll(
                                List(4) { Callable { runLoop { List(5_000) { numberOf(createTask { }) } } } },
                            ).flatMap { it.get() }
                    numbers.toSet().size shouldBe 20_000
                } finally {
                    threads.shutdown()
                }
            }
        }

        context("text") {
            test("it tells the name and the state, and a request to cancel") {
                withLoop { loop ->
                    val task = loop.createTask(name = "T") { "abc" }
                    task.toString() shouldMatch "<Task T pending.*>"
                    val cancelled = loop.createTask(name = "C") { }
                    cancelled.cancel()
                    cancelled.toString() shouldMatch "<Task C .*cancelling.*>"
                    shouldThrow<CancelledException> { loop.runUntilComplete(cancelled) }
                    cancelled.toString() shouldBe "<Task C cancelled>"
                    loop.runUntilComplete(task)
                    task.toString() shouldBe "<Task T finished result=abc>"
                }
            }

            loopTest("it tells what the task waits for") {
                val future = Future<Unit>()
                val task = createTask(name = "T") { future.await() }
                val waiting = createTask(name = "W") { task.await() }
                turns()
                task.toString() shouldContain "wait_for=$future"
                waiting.toString() shouldContain "wait_for=task T"
                future.setResult(Unit)
                waiting.await()
                waiting.toString() shouldBe "<Task W finished result=kotlin.Unit>"
            }
        }

        context("currentTask") {
            test("needs a loop") {
                shouldRefuse("no running event loop") { currentTask() }
            }

            test("is none while the loop does not run, and in a plain callback") {
                withLoop { loop ->
                    currentTask(loop) shouldBe null
                    var seen: Task<*>? = loop.createTask { }
                    loop.callSoon { seen = currentTask() }
                    loop.runUntilComplete { turns() }
                    seen shouldBe null
                    currentTask(loop) shouldBe null
                }
            }

            test("is the task whose step runs, with and without the loop said") {
                withLoop { loop ->
                    lateinit var task: Task<Unit>
                    task =
                        loop.createTask {
                            currentTask() shouldBeSameInstanceAs task
                            currentTask(loop) shouldBeSameInstanceAs task
                            turns()
                            currentTask() shouldBeSameInstanceAs task
                        }
                    loop.runUntilComplete(task)
                    currentTask(loop) shouldBe null
                }
            }

            loopTest("changes with each step when tasks take turns") {
                val main = currentTask()
                val (first, second) = List(2) { Future<Boolean>() }
                lateinit var one: Task<Unit>
                lateinit var other: Task<Unit>
                one =
                    createTask {
                        currentTask() shouldBeSameInstanceAs one
                        first.await()
                        currentTask() shouldBeSameInstanceAs one
                        second.setResult(true)
                    }
                other =
                    createTask {
                        currentTask() shouldBeSameInstanceAs other
                        first.setResult(true)
                        second.await()
                        currentTask() shouldBeSameInstanceAs other
                    }
                wait(listOf(one, other)).done.forEach { it.result() }
                currentTask() shouldBeSameInstanceAs main
            }
        }

        context("allTasks") {
            loopTest("are those that are not done, the current one among them, in the order of creation") {
                val main = currentTask()!!
                val sleeping = createTask { sleep(TICK) }
                val ending = createTask { }
                allTasks() shouldContainExactly setOf(main, sleeping, ending)
                turns()
                allTasks() shouldContainExactly setOf(main, sleeping)
                sleeping.cancel()
                allTasks() shouldContainExactly setOf(main, sleeping)
                turns()
                allTasks() shouldContainExactly setOf(main)
            }

            test("can be asked for from another thread") {
                runTestPatiently {
                    val loop = getRunningLoop()
                    val sleeping = createTask { sleep(TICK) }
                    toThread { allTasks(loop) } shouldBe setOf(currentTask(), sleeping)
                    sleeping.await()
                }
            }
        }

        context("ensureFuture") {
            test("makes a task of a coroutine, on the given loop, the running one or the current one") {
                withLoop { loop ->
                    val given = ensureFuture(coroutine { "ok" }, loop)
                    given.loop shouldBeSameInstanceAs loop
                    loop.runUntilComplete(given) shouldBe "ok"
                    val running = loop.runUntilComplete { ensureFuture(coroutine { "ok" }) }
                    running.loop shouldBeSameInstanceAs loop
                    loop.runUntilComplete(running) shouldBe "ok"
                    setEventLoop(loop)
                    try {
                        ensureFuture(coroutine { }).loop shouldBeSameInstanceAs loop
                    } finally {
                        setEventLoop(null)
                    }
                    shouldRefuse("no current event loop") { ensureFuture(coroutine { }) }
                    loop.runUntilComplete { turns() }
                }
            }

            test("gives futures and tasks back, unless they belong to another loop") {
                withLoop { loop ->
                    val future = loop.createFuture<String>()
                    val task = loop.createTask { "ko" }
                    for (known in listOf(future, task)) {
                        ensureFuture(known) shouldBeSameInstanceAs known
                        ensureFuture(known, loop) shouldBeSameInstanceAs known
                        newEventLoop().use { other ->
                            shouldThrow<IllegalArgumentException> { ensureFuture(known, other) }.message shouldContain
                                "The future belongs to a different loop than the one specified as the loop argument"
                        }
                    }
                    loop.runUntilComplete(task)
                }
            }

            test("makes a task of anything else that can be awaited") {
                class Wrapping(
                    private val inner: Coroutine<String>,
                ) : Awaitable<String> {
                    override suspend fun await() = inner.await()
                }

                class Sleeping : Awaitable<String> {
                    override suspend fun await() = sleep(TICK, "slept")
                }
                withLoop { loop ->
                    loop.runUntilComplete(ensureFuture(Wrapping(coroutine { "ok" }), loop)) shouldBe "ok"
                    val task = ensureFuture(Sleeping(), loop)
                    loop.runUntilComplete(task)
                    task.result() shouldBe "slept"
                }
            }

            test("closes a coroutine that it cannot make a task of") {
                val refused = coroutine { }
                shouldThrow<IllegalStateException> { ensureFuture(refused) }
                shouldRefuse("cannot reuse") { runTest { refused.await() } }
            }
        }

        context("task factories") {
            loopTest("the loop's factory makes every task, and is told what the caller asked for") {
                val loop = getRunningLoop()
                val asked = mutableListOf<TaskOptions>()
                val recording =
                    object : TaskFactory {
                        override fun <T> create(
                            loop: EventLoop,
                            coroutine: suspend () -> T,
                            options: TaskOptions,
                        ): Task<T> {
                            asked += options
                            return loop.newTask(options, coroutine)
                        }
                    }
                loop.taskFactory shouldBe null
                loop.taskFactory = recording
                loop.taskFactory shouldBeSameInstanceAs recording
                val named = createTask(name = "named") { 1 }
                named.name shouldBe "named"
                val gathered = gather({ named.await() }, { 2 })
                gathered.await() shouldContainExactly listOf(1, 2)
                asked.map { it.name } shouldContainExactly listOf("named", null, null)
                loop.taskFactory = null
                createTask { } shouldNotBe null
                asked.size shouldBe 3
            }
        }

        context("debug mode") {
            test("remembers where futures and tasks were made") {
                runTest(debug = true) {
                    val future = Future<Unit>()
                    val task = createTask { future.await() }
                    for (made in listOf(future, task)) {
                        made.origin!!.stackTrace.any { it.fileName == "TaskTest.kt" } shouldBe true
                    }
                    task.cancel()
                }
                resultOfTest { Future<Unit>().origin } shouldBe null
            }
        }
    })

private fun numberOf(task: Task<*>): Long = task.name.removePrefix("Task-").toLong()
