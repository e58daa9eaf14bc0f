// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.ExperimentalCoroutinesApi
import kotlinx.coroutines.asContextElement
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.catch
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.launchIn
import kotlinx.coroutines.flow.onCompletion
import kotlinx.coroutines.flow.retry
import kotlinx.coroutines.flow.retryWhen
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.transformLatest
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

private val local = ThreadLocal<String>()

private suspend fun never() = delay(10.hours)

private suspend fun neverOfOurs() = sleep(10.hours)

/** What waits for ever in kotlinx code, which must neither swallow a cancellation nor survive it. */
@OptIn(ExperimentalCoroutinesApi::class)
private val waits: Map<String, suspend () -> Unit> =
    mapOf(
        "catch" to { flow<Int> { never() }.catch { emit(-1) }.collect { } },
        "catch over our sleep" to { flow<Int> { neverOfOurs() }.catch { emit(-1) }.collect { } },
        "catch over a flow that cleans up by awaits" to {
            flow<Int> {
                try {
                    never()
                } finally {
                    delay(1.seconds)
                    sleep(1.seconds)
                    createTask { neverOfOurs() }.let { task ->
                        task.cancel()
                        runCatching { task.await() }
                    }
                }
            }.catch { emit(-1) }.collect { }
        },
        "retry" to { flow<Int> { never() }.retry().collect { } },
        "retry over our sleep" to { flow<Int> { neverOfOurs() }.retry().collect { } },
        "retryWhen" to { flow<Int> { never() }.retryWhen { _, _ -> true }.collect { } },
        "onCompletion" to { flow<Int> { never() }.onCompletion { delay(1.seconds) }.catch { }.collect { } },
        "transformLatest" to { flowOf(1).transformLatest<Int, Int> { never() }.catch { }.collect { } },
        "channelFlow" to { channelFlow<Int> { never() }.catch { }.collect { } },
        "channelFlow with a child" to { channelFlow<Int> { launch { never() } }.retry().collect { } },
        "flowOn" to { flow<Int> { never() }.flowOn(getRunningLoop().dispatcher).catch { }.collect { } },
        "SharedFlow" to { (MutableSharedFlow<Int>() as Flow<Int>).catch { emit(1) }.collect { } },
        "StateFlow" to { (MutableStateFlow(1) as Flow<Int>).catch { emit(1) }.collect { } },
        "the collector of a SharedFlow" to { MutableSharedFlow<Int>(1).also { it.emit(1) }.collect { never() } },
        "the collector of a StateFlow" to { MutableStateFlow(1).collect { neverOfOurs() } },
        "select" to { select { CompletableDeferred<Int>().onAwait { } } },
        "Mutex" to { Mutex(locked = true).withLock { } },
        "withTimeout" to { withTimeout(20.hours) { never() } },
        "withTimeoutOrNull" to { withTimeoutOrNull<Unit>(20.hours) { never() } ?: Unit },
        "supervisorScope" to { supervisorScope { launch { neverOfOurs() } } },
        "launchIn" to { coroutineScope { flow<Int> { never() }.catch { emit(-1) }.launchIn(this) } },
        "a thread context element" to { withContext(local.asContextElement("inside")) { never() } },
        "catching and asking again" to {
            while (true) {
                try {
                    never()
                } catch (_: CancellationException) {
                    currentCoroutineContext().ensureActive()
                }
            }
        },
        "catching and asking again, over our sleep" to {
            while (true) {
                try {
                    neverOfOurs()
                } catch (_: CancellationException) {
                    currentCoroutineContext().ensureActive()
                }
            }
        },
    )

private val frames: Map<String, suspend (suspend () -> Unit) -> Unit> =
    mapOf(
        "the task's own frame" to { it() },
        "withContext" to { block -> withContext(CoroutineName("inside")) { block() } },
    )

class KotlinxCancellationTest :
    FunSpec({
        /** Every kind of suspension works. */
        suspend fun goOn() {
            delay(1.seconds)
            sleep(1.seconds)
            yield()
            sleep(Duration.ZERO)
            coroutineScope { launch { delay(1.seconds) } }
            withContext(CoroutineName("after")) { delay(1.seconds) }
            withTimeout(2.seconds) { delay(1.seconds) }
            flow { repeat(2) { emit(it) } }.toList() shouldContainExactly listOf(0, 1)
            flow<Int> { throw ArithmeticException() }.catch { emit(1) }.toList() shouldContainExactly listOf(1)
            MutableSharedFlow<Int>(1).also { it.emit(3) }
        }

        for ((frame, inFrame) in frames) {
            context("in $frame") {
                for ((name, wait) in waits) {
                    loopTest("a cancel ends $name once, and is seen until it is taken back") {
                        val task =
                            createTask {
                                val thrown = shouldThrow<CancellationException> { inFrame(wait) }
                                thrown.message shouldBe "why"
                                local.get() shouldBe null
                                currentCoroutineContext().isActive shouldBe false
                                val again = shouldThrow<CancellationException> { currentCoroutineContext().ensureActive() }
                                again shouldBeSameInstanceAs thrown
                                goOn()
                                currentCoroutineContext().isActive shouldBe false
                                currentTask()!!.uncancel() shouldBe 0
                                currentCoroutineContext().isActive shouldBe true
                                goOn()
                                "went on"
                            }
                        sleep(1.seconds)
                        task.cancel("why")
                        timeout(1.hours) { task.await() } shouldBe "went on"
                    }

                    loopTest("a timeout of ours ends $name, and nothing is cancelled afterwards") {
                        shouldThrow<TimeoutException> { timeout(20.milliseconds) { inFrame(wait) } }
                        currentTask()!!.cancelling() shouldBe 0
                        currentCoroutineContext().ensureActive()
                        goOn()
                    }

                    loopTest("a second cancel ends a second $name") {
                        val messages = mutableListOf<String?>()
                        val task =
                            createTask {
                                repeat(2) {
                                    messages += shouldThrow<CancellationException> { inFrame(wait) }.message
                                }
                            }
                        for (message in listOf("first", "second")) {
                            sleep(1.minutes)
                            task.cancel(message)
                        }
                        task.await()
                        messages shouldContainExactly listOf("first", "second")
                    }
                }
            }
        }

        loopTest("a cancel that is pending is seen by those who ask, and still thrown by the next suspension") {
            val task = currentTask()!!
            delay(1.seconds)
            task.cancel("pending")
            currentCoroutineContext().isActive shouldBe false
            currentCoroutineContext().isActive shouldBe false
            shouldThrow<CancellationException> { delay(1.seconds) }.message shouldBe "pending"
            goOn()
        }

        loopTest("a cancel that ensureActive has thrown is not thrown by the next suspension") {
            currentTask()!!.cancel("pending")
            shouldThrow<CancellationException> { currentCoroutineContext().ensureActive() }.message shouldBe "pending"
            goOn()
        }

        loopTest("a failure is caught by a flow of a task that has refused to be cancelled") {
            currentTask()!!.cancel()
            shouldThrow<CancellationException> { yield() }
            var attempts = 0
            flow {
                if (++attempts < 3) throw ArithmeticException()
                emit(attempts)
            }.retry().toList() shouldContainExactly listOf(3)
        }

        loopTest("a collector of a SharedFlow that refuses a cancellation gets it again with the next value, as in kotlinx") {
            val values = MutableSharedFlow<Int>(replay = 2).also { it.emit(1) }
            val refused = mutableListOf<Int>()
            val task =
                createTask {
                    values.collect {
                        try {
                            delay(1.hours)
                        } catch (_: CancellationException) {
                            refused += it
                        }
                    }
                }
            sleep(1.seconds)
            values.emit(2)
            task.cancel("why")
            shouldThrow<CancelledException> { task.await() }.message shouldBe "why"
            refused shouldContainExactly listOf(1)
        }
    })
