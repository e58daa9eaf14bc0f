// SPDX-License-Identifier: Apache-2.0
@file:Suppress("DEPRECATION") // Code that is about asks for a dispatcher by the old key.

package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.generators.asyncGenerator
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.ThreadContextElement
import kotlinx.coroutines.asContextElement
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onEach
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

private val local = ThreadLocal<String>()

/** As slf4j's MDC element: takes what the thread had, and puts it back. */
private class Tag(
    private val tag: String,
) : AbstractCoroutineContextElement(Tag),
    ThreadContextElement<String?> {
    override fun updateThreadContext(context: CoroutineContext): String? = local.get().also { local.set(tag) }

    override fun restoreThreadContext(
        context: CoroutineContext,
        oldState: String?,
    ) = local.set(oldState)

    companion object Key : CoroutineContext.Key<Tag>
}

@OptIn(ExperimentalStdlibApi::class)
class KotlinxDispatcherTest :
    FunSpec({
        afterTest { local.remove() }

        context("a task's dispatcher") {
            loopTest("is a kotlinx dispatcher, in the task's own frame and below") {
                val dispatcher = currentCoroutineContext()[CoroutineDispatcher]
                dispatcher.shouldBeInstanceOf<CoroutineDispatcher>()
                currentCoroutineContext()[ContinuationInterceptor] shouldBeSameInstanceAs dispatcher
                coroutineScope { coroutineContext[CoroutineDispatcher] shouldBeSameInstanceAs dispatcher }
                currentCoroutineContext().minusKey(CoroutineDispatcher)[ContinuationInterceptor].shouldBeNull()
            }

            loopTest("can be wrapped by another one, and its frames still run in a step of the task") {
                val inner = currentCoroutineContext()[CoroutineDispatcher]!!
                var dispatches = 0
                val wrapping =
                    object : CoroutineDispatcher() {
                        override fun dispatch(
                            context: CoroutineContext,
                            block: Runnable,
                        ) {
                            dispatches++
                            inner.dispatch(context, block)
                        }
                    }
                val task = currentTask()
                withContext(wrapping) {
                    yield()
                    currentTask() shouldBeSameInstanceAs task
                }
                dispatches shouldBe 2
            }

            loopTest("limited to one at a time, takes turns with tasks") {
                val limited = currentCoroutineContext()[CoroutineDispatcher]!!.limitedParallelism(1)
                withContext(limited) { delay(1.seconds) }
                getRunningLoop().time() shouldBe 1.seconds
            }
        }

        context("thread context elements") {
            for ((name, element) in mapOf("asContextElement" to local.asContextElement("A"), "one like MDC's" to Tag("A"))) {
                loopTest("of $name are there inside, and only there, with nested contexts") {
                    val seen = mutableListOf<String?>()
                    withContext(element) {
                        seen += local.get()
                        withContext(CoroutineName("nested")) {
                            yield()
                            seen += local.get()
                        }
                        seen += local.get()
                        delay(1.seconds)
                        seen += local.get()
                    }
                    seen += local.get()
                    withContext(element) { withContext(CoroutineName("nested")) { yield() } }
                    seen += local.get()
                    seen shouldContainExactly listOf("A", "A", "A", "A", null, null)
                }

                loopTest("of $name are not seen by the tasks that take turns meanwhile") {
                    val seen = mutableListOf<String?>()
                    val other =
                        createTask {
                            repeat(5) {
                                seen += local.get()
                                yield()
                            }
                        }
                    withContext(element) {
                        repeat(3) {
                            yield()
                            delay(1.seconds)
                            sleep(1.seconds)
                        }
                    }
                    other.await()
                    seen shouldContainExactly List(5) { null }
                }

                loopTest("of $name are gone after a cancellation and a timeout") {
                    shouldThrow<TimeoutException> {
                        timeout(1.seconds) { withContext(element) { withContext(CoroutineName("nested")) { delay(2.seconds) } } }
                    }
                    local.get().shouldBeNull()
                    withTimeoutOrNull(1.seconds) { withContext(element) { delay(2.seconds) } }
                    local.get().shouldBeNull()
                    delay(1.seconds)
                    local.get().shouldBeNull()
                }
            }
        }

        context("a failure that nobody receives goes to the loop's exception handler") {
            fun reports(block: suspend () -> Unit): List<ExceptionContext> {
                val reports = mutableListOf<ExceptionContext>()
                runTest {
                    getRunningLoop().exceptionHandler = ExceptionHandler { _, context -> reports += context }
                    block()
                    delay(1.seconds)
                }
                return reports
            }

            test("from a child of the task") {
                lateinit var task: Task<*>
                val report =
                    reports {
                        task = currentTask()!!
                        CoroutineScope(currentCoroutineContext()).launch { throw ArithmeticException("child") }
                    }.single()
                report.message shouldBe "Unhandled exception in a kotlinx coroutine of ${task.name}"
                report.exception.shouldBeInstanceOf<ArithmeticException>()
                report["task"] shouldBeSameInstanceAs task
            }

            test("from a supervised child, and from one with a job of its own") {
                reports {
                    supervisorScope { launch { throw ArithmeticException() } }
                    CoroutineScope(currentCoroutineContext() + SupervisorJob()).launch { throw ArithmeticException() }
                    withContext(Job()) { delay(1.seconds) }
                }.size shouldBe 2
            }

            test("from a child in another thread") {
                val reports = mutableListOf<Boolean>()
                runLoop {
                    val loop = getRunningLoop()
                    val reported = loop.createFuture<Unit>()
                    loop.exceptionHandler =
                        ExceptionHandler { _, _ ->
                            reports += loop.isInLoop
                            reported.setResult(Unit)
                        }
                    supervisorScope { launch(Dispatchers.Default) { throw ArithmeticException() } }
                    reported.await()
                }
                reports shouldContainExactly listOf(true)
            }

            test("but not where the scope has a handler of its own") {
                val own = mutableListOf<Throwable>()
                reports {
                    withContext(CoroutineExceptionHandler { _, e -> own += e }) {
                        supervisorScope { launch { throw ArithmeticException() } }
                    }
                }.size shouldBe 0
                own.size shouldBe 1
            }
        }

        test("a foreign cancellation leaves run as ours, with the foreign one as its cause") {
            val foreign = CancellationException("foreign")
            shouldThrow<CancelledException> { runLoop { throw foreign } }.cause shouldBeSameInstanceAs foreign
        }

        context("a kotlinx timeout that expires while the task computes") {
            fun compute(duration: Duration) {
                val start = System.nanoTime()
                while ((System.nanoTime() - start).nanoseconds < duration) Thread.onSpinWait()
            }

            test("is noticed by the next yield") {
                runLoop {
                    withTimeoutOrNull(5.milliseconds) {
                        compute(10.milliseconds)
                        yield()
                        "not noticed"
                    }
                }.shouldBeNull()
            }

            test("is noticed by the next yield of a coroutine of the loop's dispatcher") {
                runLoop {
                    withContext(getRunningLoop().dispatcher) {
                        withTimeoutOrNull(5.milliseconds) {
                            compute(10.milliseconds)
                            yield()
                            "not noticed"
                        }
                    }
                }.shouldBeNull()
            }

            test("leaves no timer, however it ends") {
                runLoop {
                    repeat(3) { withTimeoutOrNull(5.milliseconds) { compute(1.milliseconds) } }
                    withTimeoutOrNull(1.milliseconds) { delay(1.seconds) }
                    yield()
                    getRunningLoop().toString()
                }.substringAfter("timers=").substringBefore(">") shouldBe "0"
            }
        }

        context("a generator that awaits, as a Flow on another dispatcher") {
            fun numbers(events: MutableList<String>) =
                asyncGenerator<Int> {
                    val loop = getRunningLoop()
                    try {
                        for (i in 1..3) {
                            sleep(1.milliseconds)
                            delay(1.milliseconds)
                            yield(i)
                        }
                    } finally {
                        sleep(1.milliseconds)
                        events += "closed in the loop: ${loop.isInLoop}"
                    }
                }

            for ((name, dispatcher) in mapOf("Dispatchers.IO" to Dispatchers.IO, "Dispatchers.Default" to Dispatchers.Default)) {
                test("runs in its loop, and what follows runs on $name") {
                    val events = mutableListOf<String>()
                    runLoop {
                        val loop = getRunningLoop()
                        numbers(events).map { it to loop.isInLoop }.flowOn(dispatcher).toList()
                    } shouldContainExactly listOf(1 to false, 2 to false, 3 to false)
                    events shouldContainExactly listOf("closed in the loop: true")
                }

                test("is closed in its loop when the collection on $name is cancelled") {
                    val events = mutableListOf<String>()
                    runLoop {
                        shouldThrow<TimeoutException> {
                            timeout(100.milliseconds) { numbers(events).onEach { delay(10.seconds) }.flowOn(dispatcher).collect { } }
                        }
                    }
                    events shouldContainExactly listOf("closed in the loop: true")
                }
            }
        }
    })
