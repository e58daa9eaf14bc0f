// SPDX-License-Identifier: Apache-2.0
package dev.simul.interop

import dev.simul.allTasks
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.bodies.carriersHere
import dev.simul.bodies.newLoopOn
import dev.simul.bodies.onVirtualTime
import dev.simul.context.ContextVar
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.loop.setEventLoop
import dev.simul.runInExecutor
import dev.simul.runUntilComplete
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.time.Duration
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

class BodiesTest :
    FunSpec({
        carriersHere.forEach { carrier -> context(carrier.name) { tests(carrier) } }

        test("outside a body there is nothing to wait on") {
            getRunningLoopOrNull() shouldBe null
            val refused = shouldThrow<IllegalStateException> { awaitInBody(sleeping(Duration.ZERO, Unit)) }
            refused.message shouldContain "runs no body"
        }
    })

private suspend fun FunSpecContainerScope.tests(carrier: Carrier) {
    test("a body is a part of the task that awaits it, on another thread") {
        onVirtualTime(carrier) {
            val task = currentTask()
            val thread = Thread.currentThread()
            val loop = getRunningLoop()
            bodyOf {
                Thread.currentThread() shouldNotBe thread
                getRunningLoop() shouldBeSameInstanceAs loop
                awaitInBody(sleeping(Duration.ofSeconds(1), "slept")) shouldBe "slept"
                currentTask() shouldBeSameInstanceAs task
                allTasks() shouldBe setOf(task)
            }.await()
            loop.time() shouldBe 1.seconds
        }
    }

    test("a body holds the loop while it runs") {
        onVirtualTime(carrier, debug = true) {
            val events = ArrayList<String>()
            bodyOf {
                getRunningLoop().isInLoop shouldBe true
                getRunningLoop().callSoon { events += "callback" }
                events += "body"
            }.await()
            getRunningLoop().isInLoop shouldBe true
            sleep(0.seconds)
            events shouldContainExactly listOf("body", "callback")
        }
    }

    test("one thread holds the loop, whichever runs it") {
        val loop = newLoopOn(carrier)
        val events = ArrayList<String>()

        fun note(where: String) {
            var elsewhere = true
            thread { elsewhere = loop.isInLoop }.join()
            events += "$where: here=${loop.isInLoop} elsewhere=$elsewhere"
        }
        loop.use {
            note("before")
            loop.runUntilComplete {
                note("task")
                val other = createTask { bodyOf { note("other body") }.await() }
                bodyOf {
                    note("body")
                    awaitInBody(sleeping(Duration.ofMillis(1), Unit))
                    note("body after a wait")
                }.await()
                other.await()
                loop.callSoon { note("callback") }
                sleep(0.seconds)
                loop.runInExecutor { events += "executor: here=${loop.isInLoop}" }.await()
            }
            note("after")
        }
        events shouldContainExactly
            listOf(
                "before: here=false elsewhere=false",
                "task: here=true elsewhere=false",
                "body: here=true elsewhere=false",
                "other body: here=true elsewhere=false",
                "body after a wait: here=true elsewhere=false",
                "callback: here=true elsewhere=false",
                "executor: here=false",
                "after: here=false elsewhere=false",
            )
    }

    test("a body shares the context variables of its task") {
        val variable = ContextVar("variable", "unset")
        onVirtualTime(carrier) {
            variable.set("task's")
            bodyOf {
                variable.get() shouldBe "task's"
                variable.set("body's")
                awaitInBody(sleeping(Duration.ZERO, Unit))
                variable.get() shouldBe "body's"
            }.await()
            variable.get() shouldBe "body's"
        }
    }

    test("what a body throws reaches its task as it is") {
        onVirtualTime(carrier) {
            val thrown = Exception("the body's")
            shouldThrow<Exception> { bodyOf { throw thrown }.await() } shouldBeSameInstanceAs thrown
        }
    }

    test("a timeout in a body cancels what the body awaits") {
        onVirtualTime(carrier) {
            bodyOf {
                shouldThrow<TimeoutException> {
                    timeoutInBody(Duration.ofSeconds(1)) { awaitInBody(sleeping(Duration.ofSeconds(9), Unit)) }
                }
                awaitInBody(sleeping(Duration.ofSeconds(1), "on")) shouldBe "on"
            }.await()
        }
    }

    test("a task that a body starts eagerly runs inside the call, and is not that body") {
        onVirtualTime(carrier) {
            bodyOf {
                val events = ArrayList<String>()
                createTask(bodyOf { events += "eager body" }, eagerStart = true)
                val refused =
                    createTask(eagerStart = true) {
                        shouldThrow<IllegalStateException> { awaitInBody(sleeping(Duration.ZERO, Unit)) }
                    }
                events += "body"
                events shouldContainExactly listOf("eager body", "body")
                awaitInBody(refused).message shouldContain "do this in a body"
            }.await()
        }
    }

    test("a body that swallows its cancellation can await again") {
        onVirtualTime(carrier) {
            val task =
                createTask(
                    bodyOf {
                        shouldThrow<CancelledException> {
                            awaitInBody(
                                sleeping(Duration.ofSeconds(9), Unit),
                            )
                        }.message shouldBe "stop"
                        awaitInBody(sleeping(Duration.ofSeconds(1), "went on"))
                    },
                )
            sleep(1.seconds)
            task.cancel("stop")
            task.await() shouldBe "went on"
        }
    }

    test("a body that still waits when its loop closes is ended by a GeneratorExit") {
        val events = ArrayList<String>()
        val loop = EventLoop().also { it.carrier = carrier }
        val body =
            bodyOf {
                try {
                    awaitInBody(loop.createFuture<Unit>())
                } catch (e: GeneratorExit) {
                    events += "exit"
                    shouldThrow<GeneratorExit> { awaitInBody(sleeping(Duration.ZERO, Unit)) }
                    events += "again"
                    throw e
                } finally {
                    events += "finally"
                }
            }
        loop.exceptionHandler = ExceptionHandler { _, context -> events += context.message }
        loop.createTask(body)
        loop.stop()
        loop.runForever()
        loop.close()
        events.sorted() shouldContainExactly
            listOf(
                "Task was destroyed but it is pending!",
                "again",
                "exit",
                "finally",
            )
    }

    test("an interrupt that meets a waiting body is there when it has its turn") {
        onVirtualTime(carrier) {
            bodyOf {
                val thread = Thread.currentThread()
                getRunningLoop().callSoon { thread.interrupt() }
                awaitInBody(sleeping(Duration.ofSeconds(1), Unit))
                Thread.interrupted() shouldBe true
            }.await()
        }
    }

    test("a body leaves nothing to the next one on its thread") {
        val variable = ContextVar("variable", "unset")
        val local = ThreadLocal<String?>()
        val polluted = HashSet<Thread>()
        val reused = HashSet<Thread>()

        fun pollute() =
            twentyBodies(carrier) {
                polluted += Thread.currentThread()
                awaitInBody(sleeping(Duration.ofSeconds(1), Unit))
                variable.set("left behind")
                local.set("left behind")
                setEventLoop(getRunningLoop())
                Thread.currentThread().name = "renamed"
                Thread.currentThread().contextClassLoader = null
                Thread.currentThread().priority = Thread.MIN_PRIORITY
                Thread.currentThread().interrupt()
            }
        val loader = Thread.currentThread().contextClassLoader

        fun check() =
            twentyBodies(carrier) {
                val thread = Thread.currentThread()
                if (thread in polluted) reused += thread
                thread.isInterrupted shouldBe false
                variable.get() shouldBe "unset"
                local.get() shouldBe null
                thread.name shouldStartWith "simul-body"
                thread.contextClassLoader shouldBe loader
                thread.priority shouldBe Thread.NORM_PRIORITY
                awaitInBody(sleeping(Duration.ofSeconds(1), Unit))
            }
        val begin = TimeSource.Monotonic.markNow()
        do {
            pollute()
            check()
            // Threads that are late find that others have been made in their stead.
        } while (carrier == Carrier.PLATFORM && reused.isEmpty() && begin.elapsedNow() < 60.seconds)
        if (carrier == Carrier.PLATFORM) reused.shouldNotBeEmpty() else reused.shouldBeEmpty()
    }
}

private fun twentyBodies(
    carrier: Carrier,
    body: () -> Unit,
) = onVirtualTime(carrier) {
    List(20) { createTask(bodyOf { body() }) }.forEach { it.await() }
}
