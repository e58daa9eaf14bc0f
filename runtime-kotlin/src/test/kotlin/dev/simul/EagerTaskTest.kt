// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.context.copyContext
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.SystemExit
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException

/** Runs [body] with all tasks starting eagerly. */
private fun <T> runEagerly(body: suspend () -> T): T =
    resultOfTest {
        getRunningLoop().taskFactory = EagerTaskFactory
        body()
    }

/** Counts the tasks whose first step did not run inside their creation. */
private class CountingFactory(
    private val eager: Boolean,
) : TaskFactory {
    var scheduled = 0

    override fun <T> create(
        loop: EventLoop,
        coroutine: suspend () -> T,
        options: TaskOptions,
    ): Task<T> {
        var started = false
        val task =
            loop.newTask(options.withEagerStart(options.eagerStart ?: eager)) {
                started = true
                coroutine()
            }
        if (!started) scheduled++
        return task
    }
}

private suspend fun chain(depth: Int): Int = if (depth == 0) 0 else 1 + chain(depth - 1)

private suspend fun nestedGroups(
    width: Int,
    depth: Int,
) {
    if (depth == 0) return
    taskGroup { group -> repeat(width) { group.createTask { nestedGroups(width, depth - 1) } } }
}

private suspend fun nestedGathers(
    width: Int,
    depth: Int,
) {
    if (depth == 0) return
    gather(List(width) { coroutine { nestedGathers(width, depth - 1) } }).await()
}

class EagerTaskTest :
    FunSpec({
        context("the first step") {
            test("runs inside createTask") {
                runEagerly {
                    val events = mutableListOf<String>()
                    val task =
                        createTask {
                            events += "first step"
                            turns()
                            events += "second step"
                        }
                    events += "created"
                    task.await()
                    events shouldContainExactly listOf("first step", "created", "second step")
                }
            }

            test("may be the last one: the task is done at once, and awaiting it takes no turn") {
                runEagerly {
                    val task = createTask { "hello" }
                    task.done() shouldBe true
                    turnsOf { task.await() shouldBe "hello" } shouldBe 0
                }
            }

            test("may complete a future of its creator") {
                runEagerly {
                    val future = Future<String>()
                    val task = createTask { future.setResult("my message") }
                    task.done() shouldBe true
                    future.await() shouldBe "my message"
                }
            }

            test("may block, and then the task is like any other") {
                runEagerly {
                    val task = createTask { sleep(TICK, "finished after blocking") }
                    task.done() shouldBe false
                    task.await() shouldBe "finished after blocking"
                    task.done() shouldBe true
                }
            }

            test("may fail: the exception is stored, not thrown at the creator") {
                runEagerly {
                    val task = createTask<Unit> { throw IOException("broken") }
                    task.done() shouldBe true
                    shouldThrow<IOException> { task.await() }.message shouldBe "broken"
                }
            }

            test("that fails fatally is stored, and thrown at the creator too") {
                runEagerly {
                    val exit = SystemExit(2)
                    lateinit var started: Task<*>
                    shouldThrow<SystemExit> {
                        createTask<Unit> {
                            started = currentTask()!!
                            throw exit
                        }
                    } shouldBeSameInstanceAs exit
                    started.done() shouldBe true
                    started.exception() shouldBeSameInstanceAs exit
                    allTasks() shouldContainExactly setOf(currentTask())
                }
            }

            test("knows the task's name") {
                runEagerly {
                    var name: String? = null
                    createTask(name = "test name") { name = currentTask()!!.name }
                    name shouldBe "test name"
                }
            }

            test("starts further eager tasks inside itself") {
                runEagerly {
                    val events = mutableListOf<String>()
                    createTask(name = "outer") {
                        events += currentTask()!!.name
                        createTask(name = "inner") { events += currentTask()!!.name }
                        events += currentTask()!!.name
                    }
                    events shouldContainExactly listOf("outer", "inner", "outer")
                }
            }
        }

        context("cancelling") {
            test("after an eager end does nothing") {
                runEagerly {
                    val task = createTask { "finished without blocking" }
                    task.cancel() shouldBe false
                    task.await() shouldBe "finished without blocking"
                    task.cancelled() shouldBe false
                }
            }

            test("after a first step that blocked works, with its message") {
                runEagerly {
                    val task = createTask { sleep(TICK) }
                    task.cancel("cancellation message")
                    task.cancelling() shouldBe 1
                    shouldThrow<CancelledException> { task.await() }.message shouldBe "cancellation message"
                }
            }

            test("from within the first step ends the task cancelled") {
                runEagerly {
                    val task = createTask { currentTask()!!.cancel() }
                    task.cancelled() shouldBe true
                }
            }
        }

        context("bookkeeping") {
            test("the task is the current one in its first step and after it, its creator in between") {
                runEagerly {
                    val main = currentTask()
                    val seen = mutableListOf<Task<*>?>()
                    val task =
                        createTask {
                            seen += currentTask()
                            sleep(TICK)
                            seen += currentTask()
                        }
                    currentTask() shouldBeSameInstanceAs main
                    task.await()
                    seen shouldContainExactly listOf(task, task)
                }
            }

            test("a task that ends in its first step is among all tasks within it, and never after it") {
                runEagerly {
                    lateinit var within: Set<Task<*>>
                    val task = createTask { within = allTasks() }
                    within shouldContain task
                    allTasks() shouldNotContain task
                }
            }

            test("a task that blocks is among all tasks until its end") {
                runEagerly {
                    val first = Future<Unit>()
                    val second = Future<Unit>()
                    lateinit var within: Set<Task<*>>
                    val task =
                        createTask {
                            within = allTasks()
                            first.await()
                            second.setResult(Unit)
                        }
                    within shouldContain task
                    allTasks() shouldContain task
                    first.setResult(Unit)
                    second.await()
                    allTasks() shouldNotContain task
                }
            }
        }

        context("context variables") {
            test("the first step sees its creator's values, and changes its own copy") {
                runEagerly {
                    val variable = ContextVar("variable", 0)
                    val events = mutableListOf<Int>()
                    variable.set(1)
                    val task =
                        createTask {
                            events += variable.get()
                            variable.set(2)
                            sleep(TICK)
                            events += variable.get()
                            variable.set(3)
                        }
                    variable.get() shouldBe 1
                    task.await()
                    variable.get() shouldBe 1
                    events shouldContainExactly listOf(1, 2)
                    task.context[variable] shouldBe 3
                }
            }

            test("a given context is shared, unless it is entered now: that is refused, and nothing breaks") {
                runEagerly {
                    val variable = ContextVar("variable", "default")
                    val given = copyContext()
                    createTask(context = given) { variable.set("set eagerly") }
                    given[variable] shouldBe "set eagerly"
                    val main = currentTask()!!
                    shouldRefuse("eager") { createTask(context = main.context) { } }
                    currentTask() shouldBeSameInstanceAs main
                    allTasks() shouldContainExactly setOf(main)
                    createTask(context = main.context, eagerStart = false) { variable.set("set later") }.await()
                    variable.get() shouldBe "set later"
                }
            }
        }

        context("asking for it") {
            loopTest("eagerStart = true on the default factory") {
                var name: String? = null
                val task = createTask(name = "example", eagerStart = true) { name = currentTask()!!.name }
                task.done() shouldBe true
                name shouldBe "example"
                getRunningLoop().newTask(TaskOptions(eagerStart = true)) { 1 }.done() shouldBe true
            }

            test("eagerStart = false on the eager factory") {
                runEagerly {
                    var name: String? = null
                    val task = createTask(name = "example", eagerStart = false) { name = currentTask()!!.name }
                    task.done() shouldBe false
                    name shouldBe null
                    task.await()
                    name shouldBe "example"
                }
            }

            test("is in vain while the loop does not run") {
                withLoop { loop ->
                    val task = loop.createTask(eagerStart = true) { 1 }
                    task.done() shouldBe false
                    loop.runUntilComplete(task) shouldBe 1
                }
            }

            test("the loop gives its factory back") {
                runEagerly {
                    getRunningLoop().taskFactory shouldBeSameInstanceAs EagerTaskFactory
                }
            }
        }

        context("tasks that start in a turn of their own") {
            // 5 + 25 + 125 + 625
            for ((eager, expected) in listOf(true to 0, false to 780)) {
                fun scheduled(body: suspend () -> Unit): Int =
                    resultOfTest {
                        val counting = CountingFactory(eager)
                        getRunningLoop().taskFactory = counting
                        body()
                        counting.scheduled
                    }

                test("none for a chain of awaits: eager $eager") {
                    scheduled { chain(100) shouldBe 100 } shouldBe 0
                }

                test("all or none for nested task groups: eager $eager") {
                    scheduled { nestedGroups(5, 4) } shouldBe expected
                }

                test("all or none for nested gathers: eager $eager") {
                    scheduled { nestedGathers(5, 4) } shouldBe expected
                }
            }
        }
    })
