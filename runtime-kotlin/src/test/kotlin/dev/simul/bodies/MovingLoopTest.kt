// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.Awaitable
import dev.simul.Task
import dev.simul.allTasks
import dev.simul.context.ContextVar
import dev.simul.context.copyContext
import dev.simul.coroutine
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.dispatcher
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.SystemExit
import dev.simul.generators.AsyncGeneratorScope
import dev.simul.generators.asyncGenerator
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.interop.sleeping
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.Handle
import dev.simul.loop.getRunningLoop
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.time.Duration
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import dev.simul.run as runLoop

/** The loop on whichever stack awaits, see `LoopStack`. */
class MovingLoopTest :
    FunSpec({
        carriersHere.forEach { carrier -> context(carrier.name) { tests(carrier) } }
    })

private val Thread.isInLoopStack: Boolean get() = isAlive && stackTrace.any { it.className.endsWith("LoopStack") }

private fun pause() = awaitInBody(sleeping(Duration.ZERO, Unit))

private suspend fun FunSpecContainerScope.tests(carrier: Carrier) {
    test("bodies and coroutines take turns in the order of the calls") {
        val events = ArrayList<String>()
        onVirtualTime(carrier) {
            val tasks =
                listOf("a", "b", "c").map { name ->
                    createTask(
                        bodyOf {
                            repeat(3) {
                                events += "$name$it"
                                pause()
                            }
                        },
                    )
                }
            repeat(3) {
                events += "main$it"
                sleep(0.seconds)
            }
            tasks.forEach { it.await() }
        }
        events shouldContainExactly
            listOf("main0", "a0", "b0", "c0", "main1", "a1", "b1", "c1", "main2", "a2", "b2", "c2")
    }

    test("a body that awaits runs the loop on its own stack, and callbacks there are no bodies") {
        onVirtualTime(carrier) {
            bodyOf {
                val body = Thread.currentThread()
                var refused: Throwable? = null
                var stack: Thread? = null
                getRunningLoop().callSoon {
                    stack = Thread.currentThread()
                    currentTask() shouldBe null
                    refused = shouldThrow<IllegalStateException> { pause() }
                }
                pause()
                stack shouldBeSameInstanceAs body
                refused!!.message shouldContain "the loop's own thread cannot wait"
            }.await()
        }
    }

    test("a body that is started eagerly runs up to its first wait inside the call") {
        val events = ArrayList<String>()
        onVirtualTime(carrier) {
            val task =
                createTask(
                    bodyOf {
                        events += "eager"
                        val inner =
                            createTask(
                                bodyOf {
                                    events += "inner"
                                    pause()
                                    events += "inner again"
                                },
                                eagerStart = true,
                            )
                        events += "eager goes on"
                        pause()
                        events += "eager again"
                        awaitInBody(inner)
                        "done"
                    },
                    eagerStart = true,
                )
            events += "main"
            task.await() shouldBe "done"
        }
        events shouldContainExactly listOf("eager", "inner", "eager goes on", "main", "inner again", "eager again")
    }

    test("an eager body that ends at once hands its result to the caller") {
        onVirtualTime(carrier) {
            createTask(bodyOf { "result" }, eagerStart = true).result() shouldBe "result"
            lateinit var failing: Task<*>
            val exit =
                shouldThrow<SystemExit> {
                    createTask(
                        bodyOf {
                            failing = currentTask()!!
                            throw SystemExit(3)
                        },
                        eagerStart = true,
                    )
                }
            exit.code shouldBe 3
            failing.exception() shouldBeSameInstanceAs exit
        }
    }

    test("the body of a generator and the body that asks it share a task and its turns") {
        val events = ArrayList<String>()
        onVirtualTime(carrier) {
            val generator =
                asyncGenerator<Int> {
                    val scope: AsyncGeneratorScope<Int, Nothing> = this
                    bodyOf {
                        for (i in 1..3) {
                            events += "make $i in ${currentTask()!!.name}"
                            if (i == 2) awaitInBody(sleeping(Duration.ofSeconds(1), Unit))
                            awaitInBody { scope.yield(i) }
                        }
                    }.await()
                }
            val other =
                createTask {
                    events += "other"
                    sleep(0.seconds)
                    events += "other again"
                }
            val consumer =
                createTask(
                    bodyOf {
                        events += "got ${awaitInBody { generator.anext(-1) }}"
                        events += "got ${awaitInBody { generator.anext(-1) }}"
                    },
                    name = "consumer",
                )
            consumer.await()
            other.await()
            events += "main got ${generator.anext(-1)}"
            events += "main got ${generator.anext(-1)}"
        }
        val main = events.single { it.startsWith("make 3") }
        events shouldContainExactly
            listOf(
                "other",
                "make 1 in consumer",
                "got 1",
                "make 2 in consumer",
                "other again",
                "got 2",
                main,
                "main got 3",
                "main got -1",
            )
    }

    test("a generator's body that waits when it is closed is ended by a GeneratorExit") {
        val events = ArrayList<String>()
        onVirtualTime(carrier) {
            val generator =
                asyncGenerator<Int> {
                    val scope: AsyncGeneratorScope<Int, Nothing> = this
                    bodyOf {
                        try {
                            awaitInBody { scope.yield(1) }
                        } catch (e: GeneratorExit) {
                            pause()
                            events += "exit"
                            throw e
                        }
                    }.await()
                }
            generator.anext() shouldBe 1
            generator.aclose()
        }
        events shouldContainExactly listOf("exit")
    }

    test("a body waits in the context that it has entered, and its tasks' context is free meanwhile") {
        val variable = ContextVar("variable", "unset")
        onVirtualTime(carrier) {
            val shared = copyContext()
            val task =
                createTask(
                    bodyOf {
                        copyContext().run {
                            variable.set("inner")
                            repeat(2) { pause() }
                            variable.get() shouldBe "inner"
                        }
                        variable.get()
                    },
                    context = shared,
                )
            sleep(0.seconds)
            createTask(context = shared) { variable.set("other's") }.await()
            task.await() shouldBe "other's"
        }
    }

    test("a body that has entered a context may ask a generator, whose body runs with the task's") {
        val variable = ContextVar("variable", "unset")
        onVirtualTime(carrier) {
            val generator =
                asyncGenerator<String> {
                    val scope: AsyncGeneratorScope<String, Nothing> = this
                    bodyOf {
                        repeat(2) {
                            pause()
                            awaitInBody { scope.yield(variable.get()) }
                        }
                    }.await()
                }
            bodyOf {
                copyContext().run {
                    variable.set("inner")
                    repeat(2) {
                        awaitInBody { generator.anext("none") } shouldBe "unset"
                        variable.get() shouldBe "inner"
                    }
                    awaitInBody { generator.anext("none") } shouldBe "none"
                }
                variable.get() shouldBe "unset"
                pause()
            }.await()
        }
    }

    test("kotlinx children of a task, and coroutines on the loop that are no tasks, can have bodies") {
        onVirtualTime(carrier) {
            coroutineScope {
                val child =
                    async {
                        delay(10)
                        bodyOf {
                            awaitInBody { delay(10) }
                            "child"
                        }.await()
                    }
                val another = launch { bodyOf { pause() }.await() }
                child.await() shouldBe "child"
                another.join()
            }
            val loop = getRunningLoop()
            val scope = CoroutineScope(loop.dispatcher)
            val foreign =
                scope.async {
                    bodyOf {
                        currentTask() shouldBe null
                        awaitInBody { delay(10) }
                        "foreign"
                    }.await()
                }
            foreign.await() shouldBe "foreign"
        }
    }

    test("a fatal error leaves run, whichever stack it is thrown on") {
        val events = ArrayList<String>()
        val fromBody =
            shouldThrow<SystemExit> {
                onVirtualTime(carrier) {
                    createTask(
                        bodyOf {
                            try {
                                awaitInBody(sleeping(Duration.ofSeconds(9), Unit))
                            } finally {
                                events += "finally"
                            }
                        },
                    )
                    bodyOf {
                        pause()
                        throw SystemExit(4)
                    }.await()
                }
            }
        fromBody.code shouldBe 4
        val fromCallback =
            shouldThrow<SystemExit> {
                onVirtualTime(carrier) {
                    bodyOf {
                        getRunningLoop().callSoon { throw SystemExit(5) }
                        pause()
                    }.await()
                }
            }
        fromCallback.code shouldBe 5
        events shouldContainExactly listOf("finally")
    }

    test("a loop that is stopped while bodies wait can be run again, by another thread too") {
        val events = ArrayList<String>()
        val loop = newLoopOn(carrier)
        val gate = loop.createFuture<String>()
        val task =
            loop.createTask(
                bodyOf {
                    events += "begun"
                    events += awaitInBody(gate)
                    pause()
                    "result"
                },
            )
        loop.createTask(
            bodyOf {
                pause()
                getRunningLoop().stop()
                events += "stops"
                pause()
                events += "goes on"
            },
        )
        loop.runForever()
        loop.isRunning shouldBe false
        events shouldContainExactly listOf("begun", "stops")
        thread {
            gate.setResult("gate")
            loop.runUntilComplete(task) shouldBe "result"
        }.join()
        events shouldContainExactly listOf("begun", "stops", "goes on", "gate")
        loop.close()
    }

    test("an interrupt of the thread that runs the loop ends it while a body waits") {
        val waits = CountDownLatch(1)
        val events = ArrayList<String>()
        var thrown: Throwable? = null
        val runner =
            thread {
                thrown =
                    shouldThrow<InterruptedException> {
                        runLoop(loopFactory = { newLoopOn(carrier) }) {
                            bodyOf {
                                try {
                                    getRunningLoop().callSoon { waits.countDown() }
                                    awaitInBody(sleeping(Duration.ofHours(1), Unit))
                                } catch (e: CancelledException) {
                                    events += "cancelled"
                                    throw e
                                }
                            }.await()
                        }
                    }
            }
        waits.await()
        runner.interrupt()
        runner.join()
        events shouldContainExactly listOf("cancelled")
        thrown!!.message shouldContain "interrupted"
    }

    test("a loop that closes ends a thousand waiting bodies: every finally runs, and no thread is left") {
        val threads = ConcurrentHashMap.newKeySet<Thread>()
        var begun = 0
        var ended = 0
        val loop = newLoopOn(carrier)
        loop.exceptionHandler = ExceptionHandler { _, _ -> }
        repeat(1000) {
            loop.createTask(
                bodyOf {
                    threads += Thread.currentThread()
                    begun++
                    try {
                        awaitInBody(loop.createFuture<Unit>())
                    } finally {
                        ended++
                    }
                },
            )
        }
        loop.stop()
        loop.runForever()
        begun shouldBe 1000
        ended shouldBe 0
        loop.close()
        ended shouldBe 1000
        threads.size shouldBe 1000
        // A thread may still be on its way out; one that waits for its turn stays.
        val begin = TimeSource.Monotonic.markNow()
        var waiting = threads.filter { it.isInLoopStack }
        while (waiting.isNotEmpty() && begin.elapsedNow() < 60.seconds) {
            waiting.first().join(10)
            waiting = waiting.filter { it.isInLoopStack }
        }
        waiting.shouldBeEmpty()
    }

    test("a loop closes to its end, whatever the exception handler throws, and then throws it") {
        val events = ArrayList<String>()
        val loop = newLoopOn(carrier)
        loop.exceptionHandler = ExceptionHandler { _, context -> throw SystemExit(context.message.length) }
        repeat(2) {
            loop.createTask(
                bodyOf {
                    try {
                        awaitInBody(loop.createFuture<Unit>())
                    } finally {
                        events += "finally"
                        check(false) { "a failure that is reported" }
                    }
                },
            )
        }
        loop.stop()
        loop.runForever()
        shouldThrow<SystemExit> { loop.close() }
        events shouldContainExactly listOf("finally", "finally")
        loop.isClosed shouldBe true
    }

    test("an interrupt of the root that comes too late to end the loop is kept") {
        val loop = newLoopOn(carrier)
        val root = Thread.currentThread()
        loop.runUntilComplete(
            bodyOf {
                pause()
                root.interrupt()
                "result"
            },
        ) shouldBe "result"
        Thread.interrupted() shouldBe true
        loop.close()
    }

    test("a body that is interrupted while another one runs inside its step finds the interrupt after that") {
        onVirtualTime(carrier) {
            bodyOf {
                val lender = Thread.currentThread()
                createTask(bodyOf { lender.interrupt() }, eagerStart = true)
                Thread.interrupted() shouldBe true
            }.await()
        }
    }

    test("a handle of another thread's call can be cancelled inside it, by a body too") {
        onVirtualTime(carrier) {
            val handles = ArrayList<Handle>()
            val done = getRunningLoop().createFuture<Boolean>()
            handles +=
                getRunningLoop().callSoonThreadsafe {
                    createTask(
                        bodyOf {
                            handles.single().cancel()
                            done.setResult(handles.single().cancelled())
                        },
                        eagerStart = true,
                    )
                }
            done.await() shouldBe true
        }
    }

    test("interrupts, other threads' callbacks and bodies that block do not change the order of turns") {
        val over = AtomicBoolean()
        val bodies = ConcurrentHashMap.newKeySet<Thread>()
        val disturbers = ArrayList<Thread>()
        val events = ArrayList<String>()
        val disturbed = CountDownLatch(8)
        val begun = CountDownLatch(3)
        runLoop(loopFactory = { newLoopOn(carrier) }) {
            val loop = getRunningLoop()
            repeat(8) {
                disturbers +=
                    thread {
                        begun.await()
                        loop.callSoonThreadsafe { disturbed.countDown() }
                        var left = 1000
                        while (!over.get() && left-- > 0) {
                            loop.callSoonThreadsafe { }
                            bodies.forEach { body -> body.interrupt() }
                            Thread.yield()
                        }
                    }
            }
            val tasks =
                (0..2).map { number ->
                    createTask(
                        bodyOf {
                            bodies += Thread.currentThread()
                            begun.countDown()
                            repeat(100) { turn ->
                                events += "$number $turn"
                                if (turn % 50 == number) blockAWhile()
                                pause()
                            }
                            bodies -= Thread.currentThread()
                        },
                    )
                }
            tasks.forEach { it.await() }
            over.set(true)
            toThread { disturbers.forEach { it.join() } }
        }
        disturbed.count shouldBe 0
        events shouldContainExactly (0..99).flatMap { turn -> (0..2).map { "$it $turn" } }
    }

    test("loops in two threads have bodies of their own") {
        val results = ConcurrentHashMap.newKeySet<Int>()
        (1..2)
            .map { number ->
                thread {
                    val sum =
                        runLoop(loopFactory = { newLoopOn(carrier) }) {
                            val tasks =
                                (1..20).map { i ->
                                    createTask(
                                        bodyOf {
                                            repeat(50) { pause() }
                                            i * number
                                        },
                                    )
                                }
                            tasks.sumOf { it.await() }
                        }
                    results += sum
                }
            }.forEach { it.join() }
        results shouldBe setOf(210, 420)
    }

    test("a virtual thread that a body starts does not need the loop's thread") {
        val start = Thread::class.java.methods.find { it.name == "startVirtualThread" }
        if (start != null) {
            val gate = CountDownLatch(1)
            val passed = CountDownLatch(1)
            onVirtualTime(carrier) {
                bodyOf {
                    val waitAndPass =
                        Runnable {
                            gate.await()
                            passed.countDown()
                        }
                    start.invoke(null, waitAndPass)
                }.await()
                sleep(1.seconds) // From here on the loop is run by the root's stack.
                gate.countDown()
                passed.await(60, TimeUnit.SECONDS) shouldBe true
            }
        }
    }

    test("the trace of an exception from elsewhere names the task and the line that awaited it") {
        onVirtualTime(carrier) {
            val failing = createTask<Unit>(name = "failing") { throw IllegalStateException("thrown in a coroutine") }
            val thrown =
                bodyOf {
                    currentTask()!!.name = "waiting"
                    shouldThrow<IllegalStateException> { awaitsHere(failing) }
                }.await()
            val trace = thrown.stackTrace.map { it.toString() }
            val marker = trace.indexOf("awaited.by(waiting)")
            (marker > 0) shouldBe true
            trace.drop(marker).first { "awaitsHere" in it } shouldContain "MovingLoopTest.kt"
            trace.none { "runUntilGranted" in it } shouldBe true
            shouldThrow<IllegalStateException> { failing.await() } shouldBeSameInstanceAs thrown
        }
    }

    test("bodies are left in no list when all is over") {
        onVirtualTime(carrier) {
            repeat(3) { createTask(bodyOf { pause() }).await() }
            allTasks().size shouldBe 1
        }
    }
}

private fun awaitsHere(failing: Awaitable<Unit>) = awaitInBody(failing)

/** As a body should not. */
private fun blockAWhile() {
    try {
        Thread.sleep(2)
    } catch (_: InterruptedException) {
        // Somebody has interrupted the body; that is its own affair.
    }
}

private fun <T> awaitInBody(block: suspend () -> T): T = awaitInBody(coroutine(block))
