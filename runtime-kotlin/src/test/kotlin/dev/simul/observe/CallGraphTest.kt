// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe

import dev.simul.Future
import dev.simul.Task
import dev.simul.asCompleted
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.gather
import dev.simul.generators.asyncGenerator
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.queues.Queue
import dev.simul.shield
import dev.simul.sleep
import dev.simul.staggered.staggeredRace
import dev.simul.sync.Lock
import dev.simul.taskGroup
import dev.simul.testing.runTest
import dev.simul.timeout
import dev.simul.turns
import dev.simul.wait
import dev.simul.waitFor
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.collect
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

private suspend fun innermost(future: Future<Unit>) {
    future.await()
    check(future.done())
}

private suspend fun middle(future: Future<Unit>) {
    innermost(future)
    check(future.done())
}

/** The names of the functions of this file, without those of their class. */
private fun FutureCallGraph.functions(): List<String> =
    callStack.map { it.frame }.filter { it.className.startsWith("dev.simul.observe.CallGraphTest") }.map { it.methodName }

private fun FutureCallGraph.shape(): String =
    ((future as? Task<*>)?.name ?: future.describeKind()) +
        if (awaitedBy.isEmpty()) "" else awaitedBy.joinToString(", ", " <- (", ")") { it.shape() }

private fun shapeOf(future: Future<*>) = captureCallGraph(future)!!.shape()

class CallGraphTest :
    FunSpec({
        context("the stack") {
            loopTest("of a suspended task has the frames of its suspended functions, the innermost first, with their lines") {
                val future = Future<Unit>()
                val task = createTask(name = "deep") { middle(future) }
                turns()
                val graph = captureCallGraph(task)!!
                graph.future shouldBeSameInstanceAs task
                graph.functions().take(2) shouldContainExactly listOf("innermost", "middle")
                graph.callStack.first().frame.let {
                    it.fileName shouldBe "CallGraphTest.kt"
                    (it.lineNumber > 0) shouldBe true
                }
                graph.callStack.all { it.isAsync } shouldBe true
                future.setResult(Unit)
                task.await()
                captureCallGraph(task)!!.callStack.shouldBeEmpty()
            }

            loopTest("passes through an asynchronous generator to the loop over it") {
                val future = Future<Unit>()
                val numbers =
                    asyncGenerator<Int> {
                        yield(1)
                        middle(future)
                        yield(2)
                    }

                suspend fun consume() {
                    numbers.collect { check(it > 0) }
                    check(future.done())
                }
                val task =
                    createTask {
                        consume()
                        check(future.done())
                    }
                turns()
                val functions = captureCallGraph(task)!!.callStack.map { it.frame.methodName }
                functions.take(2) shouldContainExactly listOf("innermost", "middle")
                functions.filter { it.contains("consume") }.size shouldBe 1
                future.setResult(Unit)
                task.await()
            }

            loopTest("of the current task is that of the thread, and then of those who wait for the frame that was resumed") {
                suspend fun here(): FutureCallGraph {
                    sleep(1.seconds)
                    return captureCallGraph()!!
                }

                suspend fun caller(): FutureCallGraph {
                    sleep(1.seconds)
                    return here().also { check(it.awaitedBy.isNotEmpty()) }
                }
                val graph = createTask { caller().also { sleep(1.seconds) } }.await()
                val functions = graph.callStack.map { it.frame }.filter { it.fileName == "CallGraphTest.kt" }
                functions.first().toString() shouldContain "here"
                functions[1].toString() shouldContain "caller"
                graph.callStack.none { it.frame.className.startsWith("dev.simul.observe.CallGraphs") } shouldBe true
            }

            loopTest("has no more frames than asked for: the innermost, or the outermost") {
                val future = Future<Unit>()
                val task = createTask { middle(future) }
                turns()
                val all = captureCallGraph(task)!!.callStack
                captureCallGraph(task, limit = 1)!!.callStack shouldContainExactly all.take(1)
                captureCallGraph(task, limit = -1)!!.callStack shouldContainExactly all.takeLast(1)
                captureCallGraph(task, limit = 0)!!.callStack.shouldBeEmpty()
                captureCallGraph()!!.callStack.drop(1) shouldContainExactly captureCallGraph(depth = 2)!!.callStack
                future.setResult(Unit)
            }

            loopTest("of a task in kotlinx's delay ends in the function that called it; in a scope, in the one that opened it") {
                suspend fun delaying() {
                    delay(1.hours)
                    check(true)
                }

                suspend fun scoping() {
                    coroutineScope { delaying() }
                    check(true)
                }
                val tasks = listOf(createTask(name = "delaying") { delaying() }, createTask(name = "scoping") { scoping() })
                turns()
                for (task in tasks) {
                    val frames = captureCallGraph(task)!!.callStack.map { it.frame.toString() }
                    withClue(frames) { frames.any { task.name in it } shouldBe true }
                    task.cancel()
                }
            }
        }

        context("who awaits") {
            loopTest("a task: the task, and so on") {
                val future = Future<Unit>()
                val one = createTask(name = "one") { future.await() }
                val two = createTask(name = "two") { one.await() }
                createTask(name = "three") { two.await() }
                turns()
                shapeOf(future) shouldBe "Future <- (one <- (two <- (three)))"
                future.setResult(Unit)
            }

            loopTest("what gather, shield, wait, waitFor, asCompleted, a task group and a staggered race wait for") {
                suspend fun shape(by: suspend (Task<Unit>) -> Unit): String {
                    val future = Future<Unit>()
                    val child = createTask(name = "child") { future.await() }
                    val parent = createTask(name = "parent") { by(child) }
                    turns(2)
                    return shapeOf(child).also {
                        parent.cancel()
                        child.cancel()
                        turns(4)
                    }
                }
                shape { gather(it, it).await() } shouldBe "child <- (gather <- (parent))"
                shape { shield(it).await() } shouldBe "child <- (Future <- (parent))"
                shape { wait(listOf(it)) } shouldBe "child <- (parent)"
                shape { waitFor(it, 1.hours) } shouldBe "child <- (parent)"
                shape { child -> timeout(1.hours) { child.await() } } shouldBe "child <- (parent)"
                shape { asCompleted(listOf(it)).next().await() } shouldBe "child <- (parent)"
            }

            loopTest("the tasks of a group: its parent, also while its block runs") {
                val future = Future<Unit>()
                lateinit var member: Task<Unit>
                val parent =
                    createTask(name = "parent") {
                        taskGroup {
                            member = it.createTask(name = "member") { future.await() }
                            sleep(1.seconds)
                        }
                    }
                turns(2)
                shapeOf(member) shouldBe "member <- (parent)"
                sleep(2.seconds)
                shapeOf(member) shouldBe "member <- (parent)"
                future.setResult(Unit)
                parent.await()
            }

            loopTest("the attempts of a staggered race: the task that races") {
                val attempts = ArrayList<Task<*>>()
                val racing =
                    createTask(name = "racing") {
                        staggeredRace(
                            List(2) {
                                suspend {
                                    attempts += currentTask()!!
                                    sleep(1.hours)
                                }
                            },
                            1.seconds,
                        )
                    }
                sleep(2.seconds)
                attempts.map { captureCallGraph(it)!!.awaitedBy.map { by -> by.future } } shouldContainExactly
                    listOf(listOf(racing), listOf(racing))
                racing.cancel()
            }

            loopTest("several, in their order") {
                val future = Future<Unit>()
                val tasks = List(3) { n -> createTask(name = "$n") { future.await() } }
                turns()
                captureCallGraph(future)!!.awaitedBy.map { it.future } shouldContainExactly tasks
                future.setResult(Unit)
            }

            loopTest("what users tell, until they take it back") {
                val future = Future<Unit>()
                val waiter = Future<Unit>()
                futureAddToAwaitedBy(future, waiter)
                futureAddToAwaitedBy(future, waiter)
                captureCallGraph(future)!!.awaitedBy.map { it.future } shouldContainExactly listOf(waiter)
                futureDiscardFromAwaitedBy(future, waiter)
                futureDiscardFromAwaitedBy(future, waiter)
                captureCallGraph(future)!!.awaitedBy.shouldBeEmpty()
            }

            loopTest("those that await each other are shown once on the way") {
                val hen = createTask(name = "hen") { }
                val egg = createTask(name = "egg") { }
                futureAddToAwaitedBy(hen, egg)
                futureAddToAwaitedBy(egg, hen)
                shapeOf(hen) shouldBe "hen <- (egg)"
                shapeOf(egg) shouldBe "egg <- (hen)"
            }
        }

        context("as text") {
            loopTest("it has the form of CPython's, with what each task waits for") {
                val lock = Lock()
                lock.acquire()
                val one = createTask(name = "one") { lock.acquire() }
                createTask(name = "two") {
                    one.await()
                    check(true)
                }
                turns()
                formatCallGraph(
                    one,
                ).lines().map { it.replace(Regex("0x[0-9a-f]+"), "0x0").replace(Regex("dev\\S*"), "…") } shouldContainExactly
                    listOf(
                        "* Task(name='one', id=0x0)",
                        "  + waiting for Lock.acquire of <Lock [locked, waiters:1]>, last acquired by ${currentTask()!!.name}",
                        "  + Call stack:",
                        "  |   async …",
                        "  + Awaited by:",
                        "     * Task(name='two', id=0x0)",
                        "       + waiting for task one",
                        "       + Call stack:",
                        "       |   async …",
                    )
                lock.release()
            }

            loopTest("it says that a task was asked to end") {
                val task =
                    createTask(name = "stubborn") {
                        try {
                            sleep(1.hours)
                        } finally {
                            sleep(1.hours)
                        }
                    }
                turns()
                task.cancel()
                turns()
                formatCallGraph(task) shouldContain "  + waiting for sleep, 1h left, although asked to cancel 1 time\n"
            }

            loopTest("a future has its kind") {
                formatCallGraph(Future<Unit>()) shouldMatch Regex("\\* Future\\(id=0x[0-9a-f]+\\)")
            }

            loopTest("it is printed where one wants it") {
                val out = ByteArrayOutputStream()
                printCallGraph(Future<Unit>(), PrintStream(out))
                out.toString() shouldMatch Regex("\\* Future\\(id=0x[0-9a-f]+\\)\\R")
            }
        }

        test("outside a loop one has to say which future") {
            shouldThrow<IllegalStateException> { captureCallGraph() }.message shouldContain "name the future"
            lateinit var task: Task<Unit>
            runTest { task = createTask { } }
            formatCallGraph(task) shouldContain "+ done"
        }

        loopTest("in a callback there is none") {
            val graphs = ArrayList<FutureCallGraph?>()
            val texts = ArrayList<String>()
            getRunningLoop().callSoon {
                graphs += captureCallGraph()
                texts += formatCallGraph()
            }
            turns(2)
            graphs.single().shouldBeNull()
            texts.single() shouldBe ""
        }

        context("the tasks of a loop") {
            fun dump(): List<String> {
                val out = ByteArrayOutputStream()
                dumpTasks(PrintStream(out))
                return out.toString().replace(Regex("0x[0-9a-f]+"), "0x0").lines()
            }

            loopTest("are all listed, with their waits and who awaits them") {
                currentTask()!!.name = "main"
                val queue = Queue<Int>()
                val consumer =
                    createTask(name = "consumer") {
                        queue.get()
                        check(true)
                    }
                createTask(name = "producer") { consumer.await() }
                turns()
                val lines = dump()
                lines.first() shouldMatch Regex("3 tasks of <EventLoop .*>:")
                lines.filter { it.startsWith("* ") } shouldContainExactly
                    listOf("* Task(name='main', id=0x0)", "* Task(name='consumer', id=0x0)", "* Task(name='producer', id=0x0)")
                lines.filter { it.startsWith("  + ") && "stack" !in it } shouldContainExactly
                    listOf(
                        "  + running",
                        "  + waiting for Queue.get of <Queue maxsize=0 getters[1]>",
                        "  + Awaited by: producer",
                        "  + waiting for task consumer",
                    )
                consumer.cancel()
            }
        }
    })
