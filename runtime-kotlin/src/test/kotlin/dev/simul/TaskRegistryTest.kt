// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.getRunningLoop
import dev.simul.testing.VirtualClock
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.lang.ref.WeakReference

class TaskRegistryTest :
    FunSpec({
        context("pending tasks at the loop's close") {
            test("each is reported as destroyed, in the order of creation; tasks that are done are not") {
                val loop = VirtualClock().newLoop()
                val reports = loop.recordReports()
                val waiting = loop.createTask { Future<Unit>().await() }
                val done = loop.createTask { }
                val cancelled = loop.createTask { sleep(TICK) }
                loop.runUntilComplete { turns() }
                cancelled.cancel()
                loop.runUntilComplete { turns() }
                val unstarted = loop.createTask { }
                loop.close()
                reports.map { it.message }.toSet() shouldBe setOf("Task was destroyed but it is pending!")
                reports.map { it["task"] } shouldContainExactly listOf(waiting, unstarted)
                done.done() shouldBe true
            }

            test("its report tells the line in which the task waits") {
                val loop = VirtualClock().newLoop()
                val reports = loop.recordReports()
                loop.createTask {
                    sleep(TICK)
                    check(true)
                }
                loop.runUntilComplete { turns() }
                loop.close()
                reports.single()["coroutine"].toString() shouldContain Regex("TaskRegistryTest.*\\(TaskRegistryTest.kt:\\d+\\)")
            }

            test("its report tells in debug mode where it was made") {
                val loop = VirtualClock().newLoop()
                loop.debug = true
                val reports = loop.recordReports()
                loop.createTask { }
                loop.close()
                reports.single().origin!!.stackTrace.any { it.fileName == "TaskRegistryTest.kt" } shouldBe true
            }

            test("run() leaves none: it cancels them and waits for their end") {
                val events = mutableListOf<String>()
                reportsOf {
                    createTask {
                        try {
                            sleep(TICK)
                        } finally {
                            turns(2)
                            events += "ended"
                        }
                    }
                    turns()
                }.shouldBeEmpty()
                events shouldContainExactly listOf("ended")
            }
        }

        context("the loop keeps pending tasks alive") {
            fun forget(
                events: MutableList<String>,
                fail: Boolean = false,
            ): WeakReference<Future<Unit>> {
                val future = Future<Unit>()
                createTask(name = "forgotten") {
                    future.await()
                    events += "resumed"
                    check(!fail)
                }
                return WeakReference(future)
            }

            loopTest("one that nobody refers to, and what it waits for, survives a collection and goes on") {
                val events = mutableListOf<String>()
                val future = forget(events)
                turns()
                repeat(5) { System.gc() }
                allTasks().map { it.name } shouldContainExactly listOf(currentTask()!!.name, "forgotten")
                future.get()!!.setResult(Unit)
                turns()
                events shouldContainExactly listOf("resumed")
                allTasks() shouldContainExactly setOf(currentTask())
            }

            loopTest("one that is done is let go") {
                val events = mutableListOf<String>()
                val future = forget(events)
                turns()
                future.get()!!.setResult(Unit)
                collectGarbageUntil { future.get() == null } shouldBe true
                events shouldContainExactly listOf("resumed")
            }
        }

        context("the current task") {
            loopTest("is back after an eager start inside a step, also if that failed") {
                val main = currentTask()
                val seen = mutableListOf<Task<*>?>()
                val eager =
                    createTask<Unit>(eagerStart = true) {
                        seen += currentTask()
                        error("broken")
                    }
                seen.single() shouldBeSameInstanceAs eager
                eager.cancel()
                currentTask() shouldBeSameInstanceAs main
                getRunningLoop().isRunning shouldBe true
            }
        }
    })
