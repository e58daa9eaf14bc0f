// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.addContextCarrier
import dev.simul.bodies.carriersHere
import dev.simul.bodies.onVirtualTime
import dev.simul.context.copyContext
import dev.simul.coroutine
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loopTest
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.opentelemetry.context.Context
import io.opentelemetry.context.ContextKey
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.slf4j.MDCContext
import kotlinx.coroutines.withContext
import org.slf4j.MDC
import org.slf4j.helpers.BasicMDCAdapter
import org.slf4j.spi.MDCAdapter
import kotlin.time.Duration.Companion.milliseconds

/** A thread's state, as libraries keep it. */
private val state = ThreadLocal<String?>()

private fun carryState() = getRunningLoop().addContextCarrier(state::get, state::set)

class ContextCarrierTest :
    FunSpec({
        afterTest { state.remove() }

        loopTest("a task begins with the state of the code that creates it, and keeps its own across awaits") {
            carryState()
            state.set("main")
            val events = mutableListOf<String?>()
            val tasks =
                List(2) {
                    createTask {
                        events += "$it begins with ${state.get()}"
                        state.set("of $it")
                        sleep(1.milliseconds)
                        events += "$it goes on with ${state.get()}"
                        state.set("later of $it")
                        sleep(1.milliseconds)
                        events += "$it ends with ${state.get()}"
                    }
                }
            state.set("main, afterwards")
            tasks.forEach { it.await() }
            events shouldContainExactly
                listOf(
                    "0 begins with main",
                    "1 begins with main",
                    "0 goes on with of 0",
                    "1 goes on with of 1",
                    "0 ends with later of 0",
                    "1 ends with later of 1",
                )
            state.get() shouldBe "main, afterwards"
        }

        test("the thread has its own state again when the loop has ended") {
            state.set("the thread's")
            EventLoop().use { loop ->
                loop.addContextCarrier(state::get, state::set)
                loop.callSoon { state.set("a callback's") }
                loop.callSoon {
                    state.get() shouldBe "the thread's"
                    loop.stop()
                }
                loop.runForever()
            }
            state.get() shouldBe "the thread's"
        }

        loopTest("callbacks, timers and done callbacks have the state of the code that has added them") {
            carryState()
            val loop = getRunningLoop()
            val events = mutableListOf<String?>()
            val future = loop.createFuture<Unit>()
            state.set("one")
            loop.callSoon { events += "soon ${state.get()}" }
            state.set("two")
            loop.callLater(1.milliseconds) { events += "later ${state.get()}" }
            state.set("three")
            future.addDoneCallback { events += "done ${state.get()}" }
            state.set("four")
            loop.callSoonThreadsafe { events += "threadsafe ${state.get()}" }
            state.set("five")
            future.setResult(Unit)
            sleep(2.milliseconds)
            events shouldContainExactly listOf("soon one", "threadsafe four", "done three", "later two")
            state.get() shouldBe "five"
        }

        loopTest("an eager task returns to the state of its creator") {
            carryState()
            state.set("creator")
            val task =
                createTask(eagerStart = true) {
                    state.set("eager")
                    sleep(1.milliseconds)
                    state.get()
                }
            state.get() shouldBe "creator"
            task.await() shouldBe "eager"
        }

        loopTest("a thread has the state of the task that waits for it") {
            carryState()
            state.set("task")
            toThread {
                val before = state.get()
                state.set("thread")
                before
            } shouldBe "task"
            toThread { state.get() } shouldBe "task"
            state.get() shouldBe "task"
        }

        loopTest("code of kotlinx.coroutines has it after its own waits, and in its own children") {
            carryState()
            state.set("task")
            delay(1.milliseconds)
            state.get() shouldBe "task"
            coroutineScope {
                launch {
                    delay(1.milliseconds)
                    state.get() shouldBe "task"
                }
            }
            state.get() shouldBe "task"
        }

        loopTest("a carrier that is closed carries no more") {
            val carrier = carryState()
            state.set("carried")
            sleep(1.milliseconds)
            carrier.close()
            carrier.close()
            createTask { state.set("left behind") }.await()
            state.get() shouldBe "left behind"
            state.remove()
        }

        loopTest("two carriers carry a state each") {
            val other = ThreadLocal<Int?>()
            carryState()
            state.set("task")
            getRunningLoop().addContextCarrier(other::get, other::set)
            other.set(1)
            val child =
                createTask {
                    state.set("child")
                    other.set(other.get()!! + 1)
                    sleep(1.milliseconds)
                    "${state.get()} ${other.get()}"
                }
            child.await() shouldBe "child 2"
            "${state.get()} ${other.get()}" shouldBe "task 1"
        }

        test("an error of a carrier is reported, and the tasks go on") {
            val reports = mutableListOf<String?>()
            EventLoop().use { loop ->
                loop.exceptionHandler = ExceptionHandler { _, report -> reports += report.exception?.message }
                loop.addContextCarrier({ "state" }) { error("cannot restore") }
                loop.callSoon { loop.stop() }
                loop.runForever()
            }
            reports.distinct() shouldContainExactly listOf("cannot restore")
        }

        test("a step that a fatal error of a carrier strikes before it begins, begins when the loop runs again") {
            EventLoop().use { loop ->
                var strikes = true
                loop.addContextCarrier({ "state" }) {
                    if (strikes) {
                        strikes = false
                        throw OutOfMemoryError("injected")
                    }
                }
                val task =
                    loop.createTask {
                        sleep(1.milliseconds)
                        "done"
                    }
                shouldThrow<OutOfMemoryError> { loop.runUntilComplete(task) }
                loop.runUntilComplete(task) shouldBe "done"
            }
        }

        test("another thread than the loop's cannot add one") {
            EventLoop().use { loop ->
                loop.callSoon {
                    val thread = Thread { shouldThrow<IllegalStateException> { loop.addContextCarrier(state::get, state::set) } }
                    thread.start()
                    thread.join()
                    loop.stop()
                }
                loop.runForever()
                loop.carriers.shouldBeNull()
            }
        }

        for (carrier in carriersHere) {
            test("bodies on $carrier have their state on their own threads") {
                onVirtualTime(carrier) {
                    val variables = copyContext().size
                    carryState()
                    state.set("main")
                    val events = mutableListOf<String?>()
                    val tasks =
                        List(2) {
                            createTask(
                                bodyOf {
                                    events += "$it begins with ${state.get()}"
                                    state.set("of $it")
                                    awaitInBody(coroutine { sleep(1.milliseconds) })
                                    events += "$it goes on with ${state.get()}"
                                    awaitInBody(coroutine { state.get() }) shouldBe "of $it"
                                },
                            )
                        }
                    tasks.forEach { it.await() }
                    events shouldContainExactly
                        listOf("0 begins with main", "1 begins with main", "0 goes on with of 0", "1 goes on with of 1")
                    state.get() shouldBe "main"
                    createTask(bodyOf { state.get() }).await() shouldBe "main"
                    copyContext().size shouldBe variables + 1
                }
            }

            test("a task that adds a carrier and awaits a body on $carrier in the same step keeps its state to itself") {
                onVirtualTime(carrier) {
                    createTask {
                        carryState()
                        state.set("adopter")
                        val other =
                            createTask {
                                state.set("other")
                                sleep(1.milliseconds)
                                state.get()
                            }
                        bodyOf {
                            awaitInBody(coroutine { sleep(5.milliseconds) })
                            state.get()
                        }.await() shouldBe "adopter"
                        state.get() shouldBe "adopter"
                        other.await() shouldBe "other"
                    }.await()
                    state.get().shouldBeNull()
                }
            }

            test("a body on $carrier that adds a carrier has it at once") {
                onVirtualTime(carrier) {
                    createTask(
                        bodyOf {
                            carryState()
                            state.set("body")
                            awaitInBody(coroutine { sleep(1.milliseconds) })
                            state.get()
                        },
                    ).await() shouldBe "body"
                    state.get().shouldBeNull()
                }
            }
        }

        context("real libraries") {
            test("SLF4J's MDC follows the tasks") {
                withMdc {
                    onVirtualTime(carriersHere.last()) {
                        getRunningLoop().addContextCarrier(MDC::getCopyOfContextMap, MDC::setContextMap)
                        MDC.put("request", "1")
                        val child =
                            createTask {
                                MDC.put("step", "a")
                                sleep(1.milliseconds)
                                MDC.getCopyOfContextMap()
                            }
                        child.await() shouldBe mapOf("request" to "1", "step" to "a")
                        MDC.getCopyOfContextMap() shouldBe mapOf("request" to "1")
                    }
                }
            }

            test("an element of kotlinx-coroutines-slf4j is inherited by the tasks that are created in it") {
                withMdc {
                    onVirtualTime(carriersHere.last()) {
                        getRunningLoop().addContextCarrier { MDCContext() }
                        val child =
                            withContext(MDCContext(mapOf("request" to "2"))) {
                                sleep(1.milliseconds)
                                createTask {
                                    sleep(1.milliseconds)
                                    MDC.get("request")
                                }
                            }
                        MDC.get("request").shouldBeNull()
                        child.await() shouldBe "2"
                    }
                }
            }

            loopTest("OpenTelemetry's context follows the tasks, and its scopes span awaits") {
                val key = ContextKey.named<String>("span")
                getRunningLoop().addContextCarrier({ Context.current() }) { it.makeCurrent() }
                val seen = mutableListOf<String?>()

                suspend fun spanned(name: String) {
                    Context.current().with(key, name).makeCurrent().use {
                        sleep(1.milliseconds)
                        seen += Context.current()[key]
                        createTask { seen += "child of ${Context.current()[key]}" }.await()
                    }
                    seen += Context.current()[key]
                }
                val tasks = listOf("a", "b").map { createTask { spanned(it) } }
                tasks.forEach { it.await() }
                seen shouldContainExactly listOf("a", "b", "child of a", "child of b", null, null)
                Context.current()[key].shouldBeNull()
            }
        }
    })

/** Without a provider, SLF4J has an MDC that forgets everything: this lends it one that does not. */
internal fun withMdc(block: () -> Unit) {
    val adapter = MDC::class.java.getDeclaredField("MDC_ADAPTER").apply { isAccessible = true }
    val before = adapter.get(null) as MDCAdapter?
    adapter.set(null, BasicMDCAdapter())
    try {
        block()
    } finally {
        adapter.set(null, before)
    }
}
