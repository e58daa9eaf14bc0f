// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.context.copyContext
import dev.simul.exceptions.BaseExceptionGroup
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.KeyboardInterrupt
import dev.simul.exceptions.SystemExit
import dev.simul.loop.getRunningLoop
import dev.simul.testing.runTest
import io.kotest.assertions.fail
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds

private suspend fun failAfter(
    delay: Duration,
    exception: Throwable = ArithmeticException(),
) {
    sleep(delay)
    throw exception
}

/** Sleeps, and throws [exception] in place of whatever ends the sleep. */
private suspend fun failAtTheEnd(exception: Throwable = ArithmeticException()) {
    try {
        sleep(10.seconds)
    } finally {
        throw exception
    }
}

private val BaseExceptionGroup.kinds get() = exceptions.map { it::class }

class TaskGroupTest :
    FunSpec({
        for (kind in listOf("lazy", "eager")) {
            fun runGroup(body: suspend () -> Unit) =
                runTest {
                    if (kind == "eager") getRunningLoop().taskFactory = EagerTaskFactory
                    body()
                }

            context("$kind tasks that succeed") {
                test("all are done when the block is left, and its result comes out") {
                    runGroup {
                        val tasks = mutableListOf<Task<Int>>()
                        taskGroup { group ->
                            tasks += group.createTask { sleep(TICK, 42) }
                            tasks += group.createTask { sleep(TICK * 2, 11) }
                            "result"
                        } shouldBe "result"
                        tasks.map { it.result() } shouldContainExactly listOf(42, 11)
                        getRunningLoop().time() shouldBe TICK * 2
                    }
                }

                test("they may be made at any time within the block") {
                    runGroup {
                        val tasks = mutableListOf<Task<Int>>()
                        taskGroup { group ->
                            tasks += group.createTask { sleep(TICK * 2, 42) }
                            sleep(TICK * 3)
                            tasks += group.createTask { sleep(TICK * 2, 11) }
                        }
                        tasks.map { it.result() } shouldContainExactly listOf(42, 11)
                        getRunningLoop().time() shouldBe TICK * 5
                    }
                }

                test("one that is cancelled by itself is no matter") {
                    runGroup {
                        lateinit var cancelled: Task<Int>
                        lateinit var other: Task<Int>
                        taskGroup { group ->
                            cancelled = group.createTask { sleep(10.seconds, 42) }
                            sleep(TICK)
                            cancelled.cancel()
                            other = group.createTask { sleep(TICK, 11) }
                        }
                        cancelled.cancelled() shouldBe true
                        other.result() shouldBe 11
                        getRunningLoop().time() shouldBe TICK * 2
                    }
                }

                test("the group forgets those that are done") {
                    runGroup {
                        taskGroup { group ->
                            repeat(10) { count ->
                                sleep(TICK)
                                group.createTask { sleep(TICK * 3) }
                                if (count == 5) group.toString() shouldBe "<TaskGroup tasks=4 entered>"
                            }
                            sleep(TICK * 13)
                            group.toString() shouldBe "<TaskGroup entered>"
                        }
                    }
                }

                test("they may make others, also when the block has ended") {
                    runGroup {
                        val events = mutableListOf<String>()
                        taskGroup { group ->
                            group.createTask {
                                sleep(TICK)
                                for (n in 1..2) {
                                    group.createTask {
                                        sleep(TICK * n)
                                        events += "child $n"
                                    }
                                }
                            }
                        }
                        events shouldContainExactly listOf("child 1", "child 2")
                    }
                }

                test("they have the name and the context they are given") {
                    runGroup {
                        val variable = ContextVar<Int>("variable")
                        val given = copyContext()
                        val names = mutableListOf<String>()
                        taskGroup { group ->
                            val named = group.createTask(name = "yolo") { names += currentTask()!!.name }
                            named.name shouldBe "yolo"
                            for (value in 1..2) {
                                group
                                    .createTask(context = given) {
                                        turns()
                                        variable.set(value)
                                    }.await()
                                given[variable] shouldBe value
                            }
                        }
                        names shouldContainExactly listOf("yolo")
                        variable.get(0) shouldBe 0
                    }
                }

                test("eagerStart is passed on") {
                    runGroup {
                        taskGroup { group ->
                            group.createTask(eagerStart = true) { 1 }.done() shouldBe true
                            group.createTask(eagerStart = false) { 1 }.done() shouldBe false
                        }
                    }
                }
            }

            context("$kind tasks, one of which fails") {
                test("the others are cancelled, and a group of one is thrown") {
                    runGroup {
                        val events = mutableListOf<String>()
                        lateinit var other: Task<Unit>
                        val thrown =
                            shouldThrow<ExceptionGroup> {
                                taskGroup { group ->
                                    group.createTask { failAfter(TICK) }
                                    other =
                                        group.createTask {
                                            try {
                                                sleep(1.seconds)
                                                events += "slept"
                                            } catch (e: CancelledException) {
                                                events += "cancelled"
                                                throw e
                                            }
                                        }
                                }
                                events += "after the group"
                            }
                        thrown.kinds shouldContainExactly listOf(ArithmeticException::class)
                        thrown.message shouldBe "unhandled errors in a TaskGroup"
                        other.cancelled() shouldBe true
                        events shouldContainExactly listOf("cancelled")
                    }
                }

                test("the block is cancelled too, and all that failed by then are in the group, in order") {
                    runGroup {
                        val events = mutableListOf<String>()
                        val thrown =
                            shouldThrow<ExceptionGroup> {
                                taskGroup { group ->
                                    for (n in 1..3) group.createTask { failAfter(TICK, IOException("$n")) }
                                    group.createTask {
                                        try {
                                            sleep(5.seconds)
                                        } finally {
                                            events += "sibling cancelled"
                                        }
                                    }
                                    try {
                                        sleep(10.seconds)
                                    } catch (e: CancelledException) {
                                        events += "block cancelled"
                                        throw e
                                    }
                                }
                            }
                        thrown.exceptions.map { it.message } shouldContainExactly listOf("1", "2", "3")
                        events shouldContainExactly listOf("sibling cancelled", "block cancelled")
                        currentTask()!!.cancelling() shouldBe 0
                        getRunningLoop().time() shouldBe TICK
                    }
                }

                test("none can be made any more") {
                    runGroup {
                        val events = mutableListOf<String>()
                        shouldThrow<ExceptionGroup> {
                            taskGroup { group ->
                                group.createTask { failAfter(TICK) }
                                group.createTask {
                                    try {
                                        sleep(1.seconds)
                                    } catch (_: CancelledException) {
                                        shouldRefuse("is shutting down") { group.createTask { } }
                                        events += "refused"
                                    }
                                }
                            }
                        }.kinds shouldContainExactly listOf(ArithmeticException::class)
                        events shouldContainExactly listOf("refused")
                    }
                }

                test("tasks that make others without end are stopped") {
                    runGroup {
                        var heads = 0

                        suspend fun hydra(group: TaskGroup) {
                            heads++
                            sleep(TICK)
                            repeat(2) { group.createTask { hydra(group) } }
                        }
                        shouldThrow<ExceptionGroup> {
                            taskGroup { group ->
                                group.createTask { hydra(group) }
                                group.createTask {
                                    while (heads < 10) sleep(TICK * 1.5)
                                    throw ArithmeticException()
                                }
                            }
                        }.kinds shouldContainExactly listOf(ArithmeticException::class)
                        (heads >= 10) shouldBe true
                        allTasks() shouldContainExactly setOf(currentTask())
                    }
                }

                test("the failure of the block that comes of its cancellation joins the group") {
                    runGroup {
                        val task =
                            createTask {
                                taskGroup { group ->
                                    group.createTask { failAfter(TICK) }
                                    failAtTheEnd(IOException())
                                }
                            }
                        shouldThrow<ExceptionGroup> { task.await() }.kinds shouldContainExactly
                            listOf(ArithmeticException::class, IOException::class)
                    }
                }

                test("the failure of the block's cleaning up joins the group, and no cancellation is left") {
                    runGroup {
                        val thrown =
                            shouldThrow<ExceptionGroup> {
                                taskGroup { group ->
                                    group.createTask { throw IOException("task") }
                                    try {
                                        sleep(1.seconds)
                                    } finally {
                                        throw IOException("cleaning up")
                                    }
                                }
                            }
                        currentTask()!!.cancelling() shouldBe 0
                        thrown.exceptions.map { it.message } shouldContainExactly listOf("task", "cleaning up")
                    }
                }

                test("the cancellation does not leak out of the group") {
                    runGroup {
                        shouldThrow<ExceptionGroup> { taskGroup { group -> group.createTask { throw IOException() } } }
                        currentTask()!!.cancelling() shouldBe 0
                        turns()
                    }
                }

                test("one that fails while it is being made cancels its maker at an await, not before") {
                    runGroup {
                        val events = mutableListOf<String>()
                        val thrown =
                            shouldThrow<ExceptionGroup> {
                                taskGroup { group ->
                                    group.createTask {
                                        group.createTask { throw IOException("third task failed") }
                                        events += "made"
                                        shouldThrow<CancelledException> { turns(2) }
                                        events += "cancelled"
                                    }
                                }
                            }
                        thrown.exceptions.single().message shouldBe "third task failed"
                        events shouldContainExactly listOf("made", "cancelled")
                    }
                }
            }

            context("$kind tasks, and a block that fails") {
                for (delay in listOf(TICK, null)) {
                    test("all are cancelled, and the failure is in a group: ${delay ?: "without waiting"}") {
                        runGroup {
                            val tasks = mutableListOf<Task<*>>()
                            shouldThrow<ExceptionGroup> {
                                taskGroup { group ->
                                    tasks += group.createTask { sleep(1.seconds) }
                                    tasks += group.createTask { sleep(2.seconds) }
                                    if (delay != null) sleep(delay)
                                    throw ArithmeticException()
                                }
                            }.kinds shouldContainExactly listOf(ArithmeticException::class)
                            tasks.map { it.cancelled() } shouldContainExactly listOf(true, true)
                        }
                    }
                }

                test("even without tasks the failure is in a group") {
                    runGroup {
                        shouldThrow<ExceptionGroup> { taskGroup { throw IOException() } }.kinds shouldContainExactly
                            listOf(IOException::class)
                    }
                }
            }

            context("$kind tasks, and a parent that is cancelled") {
                suspend fun cancelled(
                    after: Duration = TICK,
                    body: suspend () -> Unit,
                ): Task<Unit> {
                    val runner = createTask { body() }
                    sleep(after)
                    runner.done() shouldBe false
                    runner.cancel()
                    return runner
                }

                test("as it waits for them: all are cancelled, and the cancellation passes on") {
                    runGroup {
                        var count = 0
                        val runner =
                            cancelled {
                                taskGroup { group ->
                                    repeat(5) {
                                        group.createTask {
                                            try {
                                                sleep(5.seconds)
                                            } catch (e: CancelledException) {
                                                count++
                                                throw e
                                            }
                                        }
                                    }
                                }
                            }
                        shouldThrow<CancelledException> { runner.await() }
                        runner.cancelled() shouldBe true
                        count shouldBe 5
                    }
                }

                test("as the block waits: the block and all of them are cancelled") {
                    runGroup {
                        val events = mutableListOf<String>()
                        val runner =
                            cancelled {
                                taskGroup { group ->
                                    group.createTask {
                                        try {
                                            sleep(5.seconds)
                                        } finally {
                                            events += "task"
                                        }
                                    }
                                    try {
                                        sleep(10.seconds)
                                    } finally {
                                        events += "block"
                                    }
                                }
                            }
                        shouldThrow<CancelledException> { runner.await() }
                        events shouldContainExactly listOf("block", "task")
                    }
                }

                test("with its message") {
                    runGroup {
                        val runner = createTask { taskGroup { group -> group.createTask { sleep(1.seconds) } } }
                        turns(2)
                        runner.cancel("my message")
                        shouldThrow<CancelledException> { runner.await() }.message shouldBe "my message"
                    }
                }

                test("without any task in the group") {
                    runGroup {
                        val events = mutableListOf<String>()
                        val runner =
                            cancelled {
                                taskGroup {
                                    try {
                                        sleep(10.seconds)
                                    } finally {
                                        events += "block"
                                    }
                                }
                            }
                        shouldThrow<CancelledException> { runner.await() }
                        events shouldContainExactly listOf("block")
                    }
                }

                test("if tasks fail at that, their failures are thrown instead") {
                    runGroup {
                        val runner =
                            cancelled {
                                taskGroup { group ->
                                    repeat(5) { group.createTask { failAtTheEnd() } }
                                    sleep(10.seconds)
                                }
                            }
                        shouldThrow<ExceptionGroup> { runner.await() }.kinds shouldContainExactly
                            List(5) { ArithmeticException::class }
                    }
                }

                test("if the block throws something else for it, that is thrown in a group") {
                    runGroup {
                        val runner = cancelled { taskGroup { failAtTheEnd(IOException()) } }
                        val thrown = shouldThrow<ExceptionGroup> { runner.await() }
                        thrown.kinds shouldContainExactly listOf(IOException::class)
                    }
                }

                test("as the block is slow to end: the tasks run on meanwhile, and their failures are thrown instead") {
                    runGroup {
                        suspend fun slow() =
                            taskGroup { group ->
                                group.createTask { failAfter(TICK * 3) }
                                try {
                                    sleep(10.seconds)
                                } catch (e: CancelledException) {
                                    sleep(TICK * 5)
                                    throw e
                                }
                            }
                        for (runner in listOf(cancelled { slow() }, cancelled { createTask { slow() }.await() })) {
                            val thrown = shouldThrow<ExceptionGroup> { runner.await() }
                            thrown.kinds shouldContainExactly listOf(ArithmeticException::class)
                        }
                    }
                }

                test("again and again: it waits for the tasks all the same") {
                    runGroup {
                        val events = mutableListOf<String>()
                        val runner =
                            cancelled {
                                taskGroup { group ->
                                    group.createTask {
                                        try {
                                            sleep(10.seconds)
                                        } finally {
                                            sleep(TICK * 5)
                                            events += "task ended"
                                        }
                                    }
                                }
                            }
                        sleep(TICK)
                        repeat(2) {
                            runner.cancel()
                            sleep(TICK)
                        }
                        shouldThrow<CancelledException> { runner.await() }
                        events shouldContainExactly listOf("task ended")
                        runner.cancelling() shouldBe 3
                    }
                }

                test("just before a task fails: the group is thrown, and the parent cancelled at its next await") {
                    runGroup {
                        val events = mutableListOf<String>()
                        val started = Future<Unit>()
                        val inner =
                            createTask {
                                try {
                                    taskGroup { group ->
                                        group.createTask {
                                            started.setResult(Unit)
                                            turns()
                                            throw IllegalStateException()
                                        }
                                        sleep(1.seconds)
                                        fail("the block should have been cancelled")
                                    }
                                } catch (e: ExceptionGroup) {
                                    events += "${e.kinds.single().simpleName}, ${currentTask()!!.cancelling()} request"
                                }
                                sleep(1.seconds)
                                events += "slept"
                            }
                        started.await()
                        inner.cancelling() shouldBe 0
                        inner.cancel()
                        inner.cancelling() shouldBe 1
                        shouldThrow<CancelledException> { inner.await() }
                        inner.cancelled() shouldBe true
                        inner.cancelling() shouldBe 1
                        events shouldContainExactly listOf("IllegalStateException, 1 request")
                    }
                }
            }

            context("$kind tasks in nested groups") {
                test("a failure in the inner group is a group within the outer one's") {
                    runGroup {
                        val thrown =
                            shouldThrow<ExceptionGroup> {
                                taskGroup { outer ->
                                    outer.createTask { failAfter(10.seconds) }
                                    taskGroup { inner -> inner.createTask { failAfter(TICK, IOException()) } }
                                }
                            }
                        thrown.exceptions.single().shouldBeInstanceOf<ExceptionGroup>().kinds shouldContainExactly
                            listOf(IOException::class)
                    }
                }

                test("a failure in the outer group cancels the inner one") {
                    runGroup {
                        shouldThrow<ExceptionGroup> {
                            taskGroup { outer ->
                                outer.createTask { failAfter(TICK, IOException()) }
                                taskGroup { inner -> inner.createTask { failAfter(10.seconds) } }
                            }
                        }.kinds shouldContainExactly listOf(IOException::class)
                        getRunningLoop().time() shouldBe TICK
                    }
                }

                for (outerTask in listOf(false, true)) {
                    test("failures at the parent's cancellation come in nested groups, outer task: $outerTask") {
                        runGroup {
                            val runner =
                                createTask {
                                    taskGroup { outer ->
                                        if (outerTask) outer.createTask { sleep(10.seconds) }
                                        taskGroup { inner ->
                                            repeat(5) { inner.createTask { failAtTheEnd() } }
                                            sleep(10.seconds)
                                        }
                                    }
                                }
                            sleep(TICK)
                            runner.cancel()
                            val thrown = shouldThrow<ExceptionGroup> { runner.await() }
                            thrown.exceptions.single().shouldBeInstanceOf<ExceptionGroup>().kinds shouldContainExactly
                                List(5) { ArithmeticException::class }
                        }
                    }
                }

                test("if both fail at once, the outer one's cancellation outlives the inner one") {
                    runGroup {
                        val events = mutableListOf<String>()
                        val thrown =
                            shouldThrow<ExceptionGroup> {
                                taskGroup { outer ->
                                    try {
                                        taskGroup { inner ->
                                            inner.createTask { failAfter(Duration.ZERO, IllegalStateException()) }
                                            outer.createTask { failAfter(Duration.ZERO, IllegalArgumentException()) }
                                        }
                                    } catch (e: ExceptionGroup) {
                                        events += "${e.kinds.single().simpleName}"
                                    }
                                    events += "cancelling ${currentTask()!!.cancelling()}"
                                }
                            }
                        thrown.kinds shouldContainExactly listOf(IllegalArgumentException::class)
                        events shouldContainExactly listOf("IllegalStateException", "cancelling 1")
                        currentTask()!!.cancelling() shouldBe 0
                    }
                }
            }

            context("$kind tasks and the failures that are not ordinary") {
                test("a fatal error of the block is thrown bare") {
                    runGroup {
                        shouldThrow<KeyboardInterrupt> {
                            taskGroup { group ->
                                group.createTask { failAfter(TICK) }
                                failAtTheEnd(KeyboardInterrupt())
                            }
                        }
                    }
                }

                test("another one makes the group no ExceptionGroup: of the block") {
                    runGroup {
                        val thrown =
                            shouldThrow<BaseExceptionGroup> {
                                taskGroup { group ->
                                    group.createTask { failAfter(TICK) }
                                    failAtTheEnd(GeneratorExit())
                                }
                            }
                        thrown::class shouldBe BaseExceptionGroup::class
                        thrown.kinds shouldContainExactly listOf(ArithmeticException::class, GeneratorExit::class)
                    }
                }

                test("another one makes the group no ExceptionGroup: of a task") {
                    runGroup {
                        val thrown =
                            shouldThrow<BaseExceptionGroup> {
                                taskGroup { group ->
                                    group.createTask { failAfter(TICK, GeneratorExit()) }
                                    failAtTheEnd(IOException())
                                }
                            }
                        thrown::class shouldBe BaseExceptionGroup::class
                        thrown.kinds shouldContainExactly listOf(GeneratorExit::class, IOException::class)
                    }
                }
            }

            context("misuse with $kind tasks") {
                test("it cannot be entered again, be it within or after its block") {
                    runGroup {
                        val group = TaskGroup()
                        group.use {
                            shouldRefuse("has already been entered") { group.use { } }
                        }
                        shouldRefuse("has already been entered") { group.use { } }
                    }
                }

                test("it makes no tasks before its block and after it, and closes the coroutine that it refuses") {
                    runGroup {
                        val group = TaskGroup()
                        val early = coroutine { fail("ran") }
                        shouldRefuse("has not been entered") { group.createTask(early) }
                        group.use { }
                        val late = coroutine { fail("ran") }
                        shouldRefuse("is finished") { group.createTask(late) }
                        for (closed in listOf(early, late)) {
                            shouldRefuse("cannot reuse") { closed.await() }
                        }
                        allTasks() shouldContainExactly setOf(currentTask())
                    }
                }

                test("it needs a parent task, and stays unused without one") {
                    runGroup {
                        val group = TaskGroup()
                        val refused = outsideTasks { group.use { } }.exceptionOrNull()
                        refused.shouldBeInstanceOf<IllegalStateException>().message shouldContain "parent task"
                        shouldRefuse("has not been entered") { group.createTask { } }
                        group.use { "used" } shouldBe "used"
                    }
                }
            }
        }

        test("a fatal error of a task leaves the loop, and is thrown bare by the group when the loop is run on") {
            withLoop { loop ->
                val exit = SystemExit(4)
                val main =
                    loop.createTask {
                        taskGroup { group ->
                            group.createTask { failAfter(TICK, exit) }
                            group.createTask { failAfter(TICK, IOException()) }
                            sleep(1.seconds)
                        }
                    }
                shouldThrow<SystemExit> { loop.runUntilComplete(main) } shouldBeSameInstanceAs exit
                main.done() shouldBe false
                shouldThrow<SystemExit> { loop.runUntilComplete(main) } shouldBeSameInstanceAs exit
                main.exception() shouldBeSameInstanceAs exit
            }
        }

        test("nothing that a group has thrown is reported as unread") {
            reportsOf {
                shouldThrow<ExceptionGroup> {
                    taskGroup { group ->
                        repeat(3) { group.createTask { throw IOException() } }
                        throw IOException()
                    }
                }
            }.shouldBeEmpty()
        }
    })
