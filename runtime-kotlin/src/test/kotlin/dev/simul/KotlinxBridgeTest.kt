// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.ContextVar
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.TimeoutException
import dev.simul.generators.asyncGenerator
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldNotThrowAny
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineName
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.delay
import kotlinx.coroutines.ensureActive
import kotlinx.coroutines.flow.channelFlow
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.future.asCompletableFuture
import kotlinx.coroutines.future.await
import kotlinx.coroutines.isActive
import kotlinx.coroutines.job
import kotlinx.coroutines.launch
import kotlinx.coroutines.selects.select
import kotlinx.coroutines.supervisorScope
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.coroutines.yield
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.coroutines.Continuation
import kotlin.coroutines.resume
import kotlin.coroutines.suspendCoroutine
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop
import kotlinx.coroutines.sync.Semaphore as KotlinxSemaphore

/** Unmodified kotlinx code that waits for ever, or as good as, unless it is cancelled. */
private val waits: Map<String, suspend () -> Unit> =
    mapOf(
        "delay" to { delay(10.hours) },
        "awaitCancellation" to { awaitCancellation() },
        "suspendCancellableCoroutine" to { suspendCancellableCoroutine { } },
        "coroutineScope" to { coroutineScope { delay(10.hours) } },
        "coroutineScope with a child" to { coroutineScope { launch { delay(10.hours) } } },
        "coroutineScope with children and a body that waits" to {
            coroutineScope {
                repeat(3) { launch { delay(10.hours) } }
                delay(9.hours)
            }
        },
        "nested scopes" to { coroutineScope { supervisorScope { coroutineScope { launch { delay(10.hours) } } } } },
        "a child that waits for one of our futures" to { coroutineScope { launch { sleep(10.hours) } } },
        "a scope whose body waits for one of our futures" to { coroutineScope { sleep(10.hours) } },
        "supervisorScope with a child" to { supervisorScope { launch { delay(10.hours) } } },
        "withContext" to { withContext(CoroutineName("named")) { delay(10.hours) } },
        "withContext of the loop's dispatcher" to { withContext(getRunningLoop().dispatcher) { delay(10.hours) } },
        "async and await" to { coroutineScope { async { delay(10.hours) }.await() } },
        "awaitAll" to { coroutineScope { List(3) { async { delay(10.hours) } }.awaitAll() } },
        "a flow" to {
            flow {
                delay(10.hours)
                emit(1)
            }.collect { }
        },
        "a collector" to { flow { emit(1) }.collect { delay(10.hours) } },
        "channelFlow" to {
            channelFlow {
                send(1)
                delay(10.hours)
            }.collect { }
        },
        "flowOn" to {
            flow {
                emit(1)
                delay(10.hours)
            }.flowOn(getRunningLoop().dispatcher).collect { }
        },
        "select" to {
            select {
                Channel<Int>().onReceive { }
                CompletableDeferred<Int>().onAwait { }
                Job().onJoin { }
            }
        },
        "Mutex.lock" to { Mutex(locked = true).lock() },
        "Semaphore.acquire" to { KotlinxSemaphore(1, 1).acquire() },
        "Channel.receive" to { Channel<Int>().receive() },
        "Channel.send" to { Channel<Int>().send(1) },
        "withTimeout" to { withTimeout(10.hours) { awaitCancellation() } },
        "withTimeoutOrNull" to { withTimeoutOrNull(10.hours) { awaitCancellation() } },
        "Job.join" to { Job().join() },
        "CompletableDeferred.await" to { CompletableDeferred<Unit>().await() },
        "CompletionStage.await" to { CompletableFuture<Unit>().await() },
        "an asynchronous generator that delays" to {
            for (value in asyncGenerator<Int> {
                delay(10.hours)
                yield(1)
            }) {
                delay(10.hours)
            }
        },
    )

class KotlinxBridgeTest :
    FunSpec({
        val events = CopyOnWriteArrayList<String>()
        beforeTest { events.clear() }

        /** Runs [block], and notes the cancellation that it ends with, which goes no further. */
        suspend fun swallowing(block: suspend () -> Unit) {
            try {
                block()
                events += "ended"
            } catch (e: CancellationException) {
                events += "cancelled: ${e.message}"
            }
        }

        /** Everything works: our awaits and foreign ones, each in its time. */
        suspend fun awaitAllSorts() {
            val start = getRunningLoop().time()
            sleep(1.seconds)
            delay(1.seconds)
            coroutineScope { launch { delay(1.seconds) } }
            yield()
            sleep(Duration.ZERO)
            withContext(CoroutineName("after")) { sleep(1.seconds) }
            withTimeout(2.seconds) { delay(1.seconds) }
            getRunningLoop().time() - start shouldBe 5.seconds
            currentTask()!!.done() shouldBe false
            events += "all sorts"
        }

        context("a cancel") {
            for ((name, wait) in waits) {
                test("inside $name is thrown there; swallowed, it is over") {
                    runTest {
                        val task =
                            createTask {
                                swallowing(wait)
                                awaitAllSorts()
                                "result"
                            }
                        sleep(1.seconds)
                        task.cancel("why")
                        task.cancelling() shouldBe 1
                        task.await() shouldBe "result"
                        getRunningLoop().time() shouldBe 6.seconds
                    }
                    events shouldContainExactly listOf("cancelled: why", "all sorts")
                }

                loopTest("inside $name ends the task with its message") {
                    val task = createTask { wait() }
                    sleep(1.seconds)
                    task.cancel("why")
                    shouldThrow<CancelledException> { task.await() }.message shouldBe "why"
                    task.cancelled() shouldBe true
                    getRunningLoop().time() shouldBe 1.seconds
                }

                test("inside $name comes once for several requests, and each round has its own") {
                    runTest {
                        val task =
                            createTask {
                                repeat(3) { swallowing(wait) }
                                awaitAllSorts()
                            }
                        for (round in 1..3) {
                            sleep(1.seconds)
                            task.cancel("round $round")
                            task.cancel("again")
                            task.cancel("and again")
                        }
                        task.await()
                        task.cancelling() shouldBe 9
                    }
                    events.map { it.substringBefore(":") } shouldContainExactly
                        listOf("cancelled", "cancelled", "cancelled", "all sorts")
                }

                test("by the task itself, or what it calls, meets $name at once") {
                    runTest {
                        swallowing {
                            currentTask()!!.cancel("myself")
                            wait()
                        }
                        getRunningLoop().time() shouldBe Duration.ZERO
                        awaitAllSorts()
                    }
                    events shouldContainExactly listOf("cancelled: myself", "all sorts")
                }

                test("that was withdrawn before it was delivered does not meet $name") {
                    runTest {
                        val task =
                            createTask {
                                currentTask()!!.cancel("withdrawn")
                                currentTask()!!.uncancel() shouldBe 0
                                swallowing(wait)
                                awaitAllSorts()
                            }
                        sleep(1.seconds)
                        task.cancel("later")
                        task.await()
                    }
                    events shouldContainExactly listOf("cancelled: later", "all sorts")
                }

                loopTest("by a timeout around $name ends as a timeout") {
                    shouldThrow<TimeoutException> { timeout(1.seconds) { wait() } }
                    currentTask()!!.cancelling() shouldBe 0
                    shouldThrow<TimeoutException> { waitFor(1.seconds) { wait() } }
                    currentTask()!!.cancelling() shouldBe 0
                    getRunningLoop().time() shouldBe 2.seconds
                    awaitAllSorts()
                }

                loopTest("by a task group around $name ends with the group") {
                    val group =
                        shouldThrow<ExceptionGroup> {
                            taskGroup { group ->
                                group.createTask {
                                    sleep(1.seconds)
                                    throw ArithmeticException()
                                }
                                group.createTask { wait() }
                                wait()
                            }
                        }
                    group.exceptions.single().shouldBeInstanceOf<ArithmeticException>()
                    currentTask()!!.cancelling() shouldBe 0
                    getRunningLoop().time() shouldBe 1.seconds
                    awaitAllSorts()
                }

                test("of the task's job, from outside, cancels the task once inside $name") {
                    runTest {
                        lateinit var job: Job
                        val task =
                            createTask {
                                job = currentCoroutineContext().job
                                swallowing(wait)
                                awaitAllSorts()
                            }
                        sleep(1.seconds)
                        job.cancel(CancellationException("from outside"))
                        task.await()
                        task.cancelling() shouldBe 1
                    }
                    events shouldContainExactly listOf("cancelled: from outside", "all sorts")
                }
            }

            test("inside yield is thrown there; swallowed, it is over") {
                runTest {
                    val task =
                        createTask {
                            repeat(2) { swallowing { while (true) yield() } }
                            awaitAllSorts()
                        }
                    repeat(2) { round ->
                        repeat(3) { sleep(Duration.ZERO) }
                        task.cancel("round $round")
                    }
                    task.await()
                }
                events shouldContainExactly listOf("cancelled: round 0", "cancelled: round 1", "all sorts")
            }

            test("before the first step keeps foreign code from starting") {
                runTest {
                    val task =
                        createTask {
                            events += "never"
                            delay(1.seconds)
                        }
                    task.cancel()
                    shouldThrow<CancelledException> { task.await() }
                }
                events.shouldBeEmpty()
            }

            test("that arrives while the task runs meets the next await, ours or foreign, and only that") {
                runTest {
                    swallowing {
                        currentTask()!!.cancel("first")
                        sleep(1.hours)
                    }
                    delay(1.seconds)
                    swallowing {
                        currentTask()!!.cancel("second")
                        delay(1.hours)
                    }
                    sleep(1.seconds)
                    getRunningLoop().time() shouldBe 2.seconds
                    awaitAllSorts()
                }
                events shouldContainExactly listOf("cancelled: first", "cancelled: second", "all sorts")
            }

            test("right after one that a scope threw is another one") {
                for (scope in listOf<suspend () -> Unit>(
                    { coroutineScope { delay(1.hours) } },
                    { coroutineScope { launch { delay(1.hours) } } },
                    { withContext(CoroutineName("scope")) { delay(1.hours) } },
                    { withTimeout(2.hours) { delay(1.hours) } },
                )) {
                    for (wait in listOf<suspend () -> Unit>({ sleep(1.hours) }, { delay(1.hours) })) {
                        events.clear()
                        runTest {
                            val task =
                                createTask {
                                    swallowing(scope)
                                    currentTask()!!.cancel("second")
                                    swallowing(wait)
                                    awaitAllSorts()
                                }
                            sleep(1.seconds)
                            task.cancel("first")
                            task.await()
                        }
                        events shouldContainExactly listOf("cancelled: first", "cancelled: second", "all sorts")
                    }
                }
            }

            test("inside a scope that is failing by itself meets the await after that failure, as in kotlinx") {
                runTest {
                    val task =
                        createTask {
                            shouldThrow<ArithmeticException> {
                                coroutineScope {
                                    launch {
                                        try {
                                            delay(1.hours)
                                        } finally {
                                            withContext(NonCancellable) { delay(2.seconds) }
                                        }
                                    }
                                    launch { throw ArithmeticException() }
                                }
                            }
                            swallowing { delay(1.hours) }
                            awaitAllSorts()
                        }
                    sleep(1.seconds)
                    task.cancel("why")
                    task.await()
                }
                events shouldContainExactly listOf("cancelled: why", "all sorts")
            }

            test("is not used up by foreign code that does not suspend") {
                runTest {
                    val channel = Channel<Int>(1)
                    val mutex = Mutex()
                    currentTask()!!.cancel("pending")
                    channel.send(1)
                    channel.receive() shouldBe 1
                    mutex.withLock { }
                    swallowing { sleep(1.hours) }
                    awaitAllSorts()
                }
                events shouldContainExactly listOf("cancelled: pending", "all sorts")
            }

            loopTest("with a task that ends without another await ends it cancelled") {
                val task =
                    createTask {
                        delay(1.seconds)
                        currentTask()!!.cancel("at the end")
                        "result"
                    }
                shouldThrow<CancelledException> { task.await() }.message shouldBe "at the end"
            }

            test("in a plain suspendCoroutine, which cannot be cancelled, meets the await after it") {
                runTest {
                    lateinit var waiting: Continuation<String>
                    val task =
                        createTask {
                            events += suspendCoroutine<String> { waiting = it }
                            swallowing { delay(1.hours) }
                            awaitAllSorts()
                        }
                    sleep(1.seconds)
                    task.cancel("why")
                    sleep(1.seconds)
                    waiting.resume("resumed")
                    task.await()
                }
                events shouldContainExactly listOf("resumed", "cancelled: why", "all sorts")
            }

            test("in withContext(NonCancellable) meets the await after it, ours or foreign") {
                for (after in listOf<suspend () -> Unit>({ sleep(1.hours) }, { delay(1.hours) })) {
                    events.clear()
                    runTest {
                        val task =
                            createTask {
                                withContext(NonCancellable) {
                                    delay(2.seconds)
                                    sleep(1.seconds)
                                    events += "protected"
                                }
                                swallowing(after)
                                awaitAllSorts()
                            }
                        sleep(1.seconds)
                        task.cancel("why")
                        task.await()
                        getRunningLoop().time() shouldBe 8.seconds
                    }
                    events shouldContainExactly listOf("protected", "cancelled: why", "all sorts")
                }
            }

            test("lets the finally blocks of foreign code wait, and comes after them") {
                runTest {
                    val task =
                        createTask {
                            swallowing {
                                coroutineScope {
                                    launch {
                                        try {
                                            delay(1.hours)
                                        } finally {
                                            withContext(NonCancellable) { delay(2.seconds) }
                                            events += "child cleaned up"
                                        }
                                    }
                                }
                            }
                            awaitAllSorts()
                        }
                    sleep(1.seconds)
                    task.cancel("why")
                    sleep(1.seconds)
                    task.cancel("while it cleans up")
                    task.await()
                    task.cancelling() shouldBe 2
                }
                events shouldContainExactly listOf("child cleaned up", "cancelled: why", "all sorts")
            }

            test("that a scope's body swallows is thrown by the scope, as kotlinx does it") {
                runTest {
                    val task =
                        createTask {
                            swallowing {
                                coroutineScope {
                                    try {
                                        delay(1.hours)
                                    } catch (_: CancellationException) {
                                        events += "swallowed inside"
                                    }
                                    events += "active: $isActive"
                                }
                            }
                            awaitAllSorts()
                        }
                    sleep(1.seconds)
                    task.cancel("why")
                    task.await()
                }
                events shouldContainExactly listOf("swallowed inside", "active: false", "cancelled: why", "all sorts")
            }

            test("is not used up by making a context") {
                runTest {
                    currentTask()!!.cancel("pending")
                    currentCoroutineContext() + CoroutineName("made") + Dispatchers.Default
                    CoroutineName("made") + currentCoroutineContext()
                    currentCoroutineContext().minusKey(CoroutineName)
                    currentCoroutineContext().toString()
                    swallowing { sleep(1.hours) }
                    awaitAllSorts()
                }
                events shouldContainExactly listOf("cancelled: pending", "all sorts")
            }

            test("is seen by ensureActive") {
                runTest {
                    swallowing {
                        currentTask()!!.cancel("seen")
                        currentCoroutineContext().ensureActive()
                    }
                    awaitAllSorts()
                    swallowing { currentCoroutineContext().ensureActive() }
                    currentTask()!!.uncancel()
                    currentCoroutineContext().ensureActive()
                }
                events shouldContainExactly listOf("cancelled: seen", "all sorts", "cancelled: seen")
            }
        }

        context("a cancel after the foreign code was resumed, before the step") {
            test("of delay wins") {
                runTest {
                    val task =
                        createTask {
                            swallowing { delay(1.seconds) }
                            awaitAllSorts()
                        }
                    sleep(Duration.ZERO)
                    getRunningLoop().callAt(1.seconds) { task.cancel("same turn") }
                    task.await()
                }
                events shouldContainExactly listOf("cancelled: same turn", "all sorts")
            }

            test("of Channel.receive wins, and the element is not lost") {
                runTest {
                    val undelivered = mutableListOf<Int>()
                    val channel = Channel<Int>(onUndeliveredElement = { undelivered += it })
                    val task =
                        createTask {
                            swallowing { channel.receive() }
                            awaitAllSorts()
                        }
                    sleep(Duration.ZERO)
                    channel.trySend(7).isSuccess shouldBe true
                    task.cancel("too late for the channel")
                    task.await()
                    undelivered shouldContainExactly listOf(7)
                }
                events shouldContainExactly listOf("cancelled: too late for the channel", "all sorts")
            }

            test("of Channel.send wins or not, but the element goes one way") {
                runTest {
                    val undelivered = mutableListOf<Int>()
                    val channel = Channel<Int>(onUndeliveredElement = { undelivered += it })
                    val task =
                        createTask {
                            swallowing { channel.send(7) }
                            awaitAllSorts()
                        }
                    sleep(Duration.ZERO)
                    val received = channel.tryReceive().getOrNull()
                    task.cancel("why")
                    task.await()
                    listOfNotNull(received) + undelivered shouldContainExactly listOf(7)
                }
                events shouldContainExactly listOf("cancelled: why", "all sorts")
            }

            test("of Mutex.lock wins, and does not leave the mutex locked") {
                runTest {
                    val mutex = Mutex(locked = true)
                    val task =
                        createTask {
                            swallowing { mutex.withLock { events += "never" } }
                            awaitAllSorts()
                        }
                    sleep(Duration.ZERO)
                    mutex.unlock()
                    task.cancel("why")
                    task.await()
                    mutex.isLocked shouldBe false
                    mutex.withLock { events += "free" }
                }
                events shouldContainExactly listOf("cancelled: why", "all sorts", "free")
            }

            test("of Semaphore.acquire wins, and does not lose a permit") {
                runTest {
                    val semaphore = KotlinxSemaphore(1, 1)
                    val task =
                        createTask {
                            swallowing { semaphore.acquire() }
                            awaitAllSorts()
                        }
                    sleep(Duration.ZERO)
                    semaphore.release()
                    task.cancel("why")
                    task.await()
                    semaphore.availablePermits shouldBe 1
                }
                events shouldContainExactly listOf("cancelled: why", "all sorts")
            }

            test("of a deferred, a stage, a select or a join wins") {
                val kinds =
                    listOf<suspend (CompletableDeferred<Unit>) -> Unit>(
                        { it.await() },
                        { it.join() },
                        { gate -> select { gate.onAwait { } } },
                        { it.asCompletableFuture().await() },
                    )
                for (kind in kinds) {
                    events.clear()
                    runTest {
                        val gate = CompletableDeferred<Unit>()
                        val task =
                            createTask {
                                swallowing { kind(gate) }
                                awaitAllSorts()
                            }
                        sleep(Duration.ZERO)
                        gate.complete(Unit)
                        task.cancel("why")
                        task.await()
                    }
                    events shouldContainExactly listOf("cancelled: why", "all sorts")
                }
            }

            test("of a scope that has ended comes once, there or at the await after it") {
                runTest {
                    val gate = CompletableDeferred<Unit>()
                    val task =
                        createTask {
                            swallowing {
                                coroutineScope { launch { gate.await() } }
                                delay(1.hours)
                            }
                            awaitAllSorts()
                        }
                    sleep(Duration.ZERO)
                    gate.complete(Unit)
                    repeat(4) {
                        sleep(Duration.ZERO)
                        if (it == 0) task.cancel("why")
                    }
                    task.await()
                }
                events shouldContainExactly listOf("cancelled: why", "all sorts")
            }

            test("at any turn of a long chain of foreign code is delivered exactly once") {
                for (turn in 0..40) {
                    events.clear()
                    runTest {
                        val task =
                            createTask {
                                swallowing {
                                    while (true) {
                                        coroutineScope {
                                            launch { yield() }
                                            async { yield() }.await()
                                        }
                                        withContext(CoroutineName("inside")) { yield() }
                                        sleep(Duration.ZERO)
                                        supervisorScope { launch { sleep(Duration.ZERO) } }
                                        flow { emit(1) }.collect { yield() }
                                        yield()
                                    }
                                }
                                awaitAllSorts()
                            }
                        repeat(turn) { sleep(Duration.ZERO) }
                        if (turn == 0) sleep(Duration.ZERO)
                        task.cancel("turn $turn")
                        task.await()
                    }
                    events shouldContainExactly listOf("cancelled: turn $turn", "all sorts")
                }
            }

            test("of a plain suspendCoroutine comes at the await after it") {
                runTest {
                    lateinit var waiting: Continuation<String>
                    val task =
                        createTask {
                            events += suspendCoroutine<String> { waiting = it }
                            swallowing { sleep(1.hours) }
                            awaitAllSorts()
                        }
                    sleep(Duration.ZERO)
                    waiting.resume("resumed")
                    task.cancel("why")
                    task.await()
                }
                events shouldContainExactly listOf("resumed", "cancelled: why", "all sorts")
            }
        }

        context("other threads") {
            test("a cancel inside withContext(Dispatchers.IO) is thrown there; swallowed, it is over") {
                runLoop {
                    val begun = CompletableDeferred<Unit>()
                    val loopThread = Thread.currentThread()
                    val task =
                        createTask {
                            swallowing {
                                withContext(Dispatchers.IO) {
                                    begun.complete(Unit)
                                    awaitCancellation()
                                }
                            }
                            Thread.currentThread() shouldBeSameInstanceAs loopThread
                            events += withContext(Dispatchers.IO) { "foreign again" }
                            sleep(1.milliseconds)
                            delay(1.milliseconds)
                            events += toThread { "ours again" }
                        }
                    begun.await()
                    task.cancel("why")
                    task.await()
                }
                events shouldContainExactly listOf("cancelled: why", "foreign again", "ours again")
            }

            test("a block in Dispatchers.IO that does not heed the cancel is waited for") {
                runLoop {
                    val begun = CompletableDeferred<Unit>()
                    val told = CountDownLatch(1)
                    val task =
                        createTask {
                            swallowing {
                                withContext(Dispatchers.IO) {
                                    begun.complete(Unit)
                                    told.await()
                                    events += "block ends"
                                }
                            }
                            sleep(1.milliseconds)
                            events += withContext(Dispatchers.IO) { "again" }
                        }
                    begun.await()
                    task.cancel("why")
                    sleep(1.milliseconds)
                    task.done() shouldBe false
                    told.countDown()
                    task.await()
                }
                events shouldContainExactly listOf("block ends", "cancelled: why", "again")
            }

            test("a cancel by the task itself keeps withContext(Dispatchers.IO) from starting") {
                runLoop {
                    swallowing {
                        currentTask()!!.cancel("myself")
                        withContext(Dispatchers.IO) { events += "never" }
                    }
                    events += withContext(Dispatchers.IO) { "again" }
                }
                events shouldContainExactly listOf("cancelled: myself", "again")
            }

            test("a cancel of the task's job in another thread cancels the task once") {
                val kinds =
                    waits.filterKeys {
                        it in
                            setOf(
                                "delay",
                                "coroutineScope",
                                "coroutineScope with a child",
                                "withTimeout",
                                "Channel.receive",
                            )
                    }
                for ((name, wait) in kinds) {
                    repeat(50) {
                        events.clear()
                        runLoop {
                            lateinit var job: Job
                            val task =
                                createTask {
                                    job = currentCoroutineContext().job
                                    swallowing(wait)
                                    sleep(Duration.ZERO)
                                    delay(1)
                                    yield()
                                    events += "went on"
                                }
                            sleep(Duration.ZERO)
                            thread { job.cancel(CancellationException("from outside")) }
                            withClue("$name, $events") { timeout(30.seconds) { shouldNotThrowAny { task.await() } } }
                            task.cancelling() shouldBe 1
                        }
                        withClue(name) { events shouldContainExactly listOf("cancelled: from outside", "went on") }
                    }
                }
            }

            test("cancels that race with results of other threads are delivered exactly once") {
                runLoop {
                    repeat(500) { round ->
                        events.clear()
                        val begun = CompletableDeferred<Unit>()
                        val task =
                            createTask {
                                swallowing {
                                    withContext(Dispatchers.Default) { begun.complete(Unit) }
                                    withContext(Dispatchers.Default) { }
                                    awaitCancellation()
                                }
                                sleep(Duration.ZERO)
                                yield()
                                withContext(Dispatchers.Default) { }
                                events += "went on"
                            }
                        begun.await()
                        repeat(round % 3) { sleep(Duration.ZERO) }
                        task.cancel("why")
                        timeout(30.seconds) { task.await() }
                        events shouldContainExactly listOf("cancelled: why", "went on")
                    }
                }
            }

            test("a coroutine of Dispatchers.Default awaits our future") {
                runLoop {
                    val future = getRunningLoop().createFuture<String>()
                    val awaiting = CoroutineScope(Dispatchers.Default).async { future.await() }
                    getRunningLoop().callLater(1.milliseconds) { future.setResult("value") }
                    awaiting.await() shouldBe "value"
                    withContext(Dispatchers.Default) { future.await() } shouldBe "value"
                    val failing = getRunningLoop().createFuture<String>()
                    failing.setException(ArithmeticException("spam"))
                    val failed = CoroutineScope(Dispatchers.Default).async { runCatching { failing.await() }.exceptionOrNull() }
                    failed.await().shouldBeInstanceOf<ArithmeticException>().message shouldBe "spam"
                }
            }

            test("a coroutine of Dispatchers.Default that is cancelled cancels our future, and the other way round") {
                runLoop {
                    val future = getRunningLoop().createFuture<String>()
                    val begun = CompletableDeferred<Unit>()
                    val awaiting =
                        CoroutineScope(Dispatchers.Default).launch(start = CoroutineStart.UNDISPATCHED) {
                            begun.complete(Unit)
                            future.await()
                        }
                    begun.await()
                    awaiting.cancelAndJoin()
                    sleep(Duration.ZERO)
                    future.cancelled() shouldBe true
                    val other = getRunningLoop().createFuture<String>()
                    val told = CoroutineScope(Dispatchers.Default).async { runCatching { other.await() }.exceptionOrNull() }
                    other.cancel("why")
                    told.await().shouldBeInstanceOf<CancelledException>().message shouldBe "why"
                }
            }

            test("a coroutine of another thread awaits a future that was done when its loop closed") {
                val task = runLoop { createTask { "value" }.also { it.await() } }
                kotlinx.coroutines.runBlocking { task.await() } shouldBe "value"
            }

            test("many coroutines of Dispatchers.Default await tasks of the loop") {
                runLoop {
                    val tasks = List(200) { number -> createTask { sleep(Duration.ZERO, number) } }
                    val sums = List(4) { CoroutineScope(Dispatchers.Default).async { tasks.sumOf { it.await() } } }
                    sums.awaitAll() shouldContainExactly List(4) { 199 * 200 / 2 }
                }
            }
        }

        context("the current task and the context variables") {
            test("are the task's in its kotlinx children, and after they have suspended") {
                val variable = ContextVar("variable", "default")
                runTest {
                    val task = currentTask()
                    variable.set("task's")
                    coroutineScope {
                        repeat(2) {
                            launch {
                                currentTask() shouldBeSameInstanceAs task
                                variable.get() shouldBe "task's"
                                delay(1.seconds)
                                currentTask() shouldBeSameInstanceAs task
                                sleep(1.seconds)
                                variable.get() shouldBe "task's"
                                events += "child"
                            }
                        }
                        createTask {
                            variable.set("another task's")
                            sleep(3.seconds)
                        }
                    }
                    currentTask() shouldBeSameInstanceAs task
                    variable.get() shouldBe "task's"
                }
                events shouldContainExactly listOf("child", "child")
            }

            test("are the task's after withContext, whose thread has neither") {
                val variable = ContextVar("variable", "default")
                runLoop {
                    val task = currentTask()
                    variable.set("task's")
                    withContext(Dispatchers.IO) {
                        getRunningLoopOrNull() shouldBe null
                        variable.get() shouldBe "default"
                    }
                    currentTask() shouldBeSameInstanceAs task
                    variable.get() shouldBe "task's"
                    withContext(CoroutineName("inside")) {
                        delay(1.milliseconds)
                        currentTask() shouldBeSameInstanceAs task
                        variable.get() shouldBe "task's"
                        variable.set("changed inside")
                    }
                    variable.get() shouldBe "changed inside"
                }
            }

            test("are not disturbed by two tasks whose children take turns") {
                val variable = ContextVar("variable", "default")
                runTest {
                    gather(
                        List(3) { number ->
                            coroutine {
                                variable.set("$number")
                                val task = currentTask()
                                coroutineScope {
                                    repeat(3) {
                                        launch {
                                            repeat(5) {
                                                yield()
                                                sleep(Duration.ZERO)
                                                currentTask() shouldBeSameInstanceAs task
                                                variable.get() shouldBe "$number"
                                            }
                                        }
                                    }
                                }
                                variable.get() shouldBe "$number"
                            }
                        },
                    ).await()
                }
            }

            test("a task made in a kotlinx child has a copy of the variables of its task") {
                val variable = ContextVar("variable", "default")
                runTest {
                    variable.set("task's")
                    val made = coroutineScope { async { createTask { variable.get() } }.await() }
                    made.await() shouldBe "task's"
                }
            }
        }

        context("the end of a task") {
            test("cancels the kotlinx children that are still running") {
                runTest {
                    lateinit var child: Job
                    val task =
                        createTask {
                            child =
                                CoroutineScope(currentCoroutineContext()).launch {
                                    try {
                                        delay(1.hours)
                                    } catch (e: CancellationException) {
                                        events += "${e.message}"
                                        throw e
                                    }
                                }
                            sleep(1.seconds)
                            "result"
                        }
                    task.name = "the parent"
                    task.await() shouldBe "result"
                    child.join()
                    child.isCancelled shouldBe true
                    getRunningLoop().time() shouldBe 1.seconds
                }
                events shouldContainExactly listOf("the parent has ended")
            }

            test("leaves its job completed, so that nothing can be started in it any more") {
                runTest {
                    val context = createTask { currentCoroutineContext() }.await()
                    val late = CoroutineScope(context).launch { events += "never" }
                    late.join()
                    late.isCancelled shouldBe true
                    context.isActive shouldBe false
                }
                events.shouldBeEmpty()
            }

            loopTest("by an expired withTimeout is a failure, not a cancellation") {
                val task = createTask { withTimeout(1.seconds) { awaitCancellation() } }
                shouldThrow<TimeoutCancellationException> { task.await() }
                task.cancelled() shouldBe false
                task.exception().shouldBeInstanceOf<TimeoutCancellationException>()
                awaitAllSorts()
            }

            loopTest("by a foreign cancellation is a cancellation") {
                val deferred = CompletableDeferred<Unit>()
                val task = createTask { deferred.await() }
                sleep(Duration.ZERO)
                deferred.cancel(CancellationException("the deferred's"))
                shouldThrow<CancelledException> { task.await() }.message shouldBe "the deferred's"
                task.cancelled() shouldBe true
                task.cancelling() shouldBe 0
            }
        }

        context("the task's job") {
            test("cancelled by the task itself cancels the next await, foreign or ours, once") {
                for (wait in listOf<suspend () -> Unit>({ delay(1.hours) }, { sleep(1.hours) }, { coroutineScope { delay(1.hours) } })) {
                    events.clear()
                    runTest {
                        swallowing {
                            currentCoroutineContext().cancel(CancellationException("job"))
                            wait()
                        }
                        awaitAllSorts()
                    }
                    events shouldContainExactly listOf("cancelled: job", "all sorts")
                }
            }

            test("cancelled from outside while the task waits for one of our futures cancels the task, once") {
                runTest {
                    lateinit var job: Job
                    val task =
                        createTask {
                            job = currentCoroutineContext().job
                            swallowing { sleep(1.hours) }
                            awaitAllSorts()
                        }
                    sleep(1.seconds)
                    job.cancel(CancellationException("from outside"))
                    task.await()
                    task.cancelling() shouldBe 1
                }
                events shouldContainExactly listOf("cancelled: from outside", "all sorts")
            }

            test("of an earlier epoch cancels nothing any more") {
                runTest {
                    val first = currentCoroutineContext().job
                    swallowing {
                        currentTask()!!.cancel("why")
                        delay(1.hours)
                    }
                    first.isCancelled shouldBe true
                    first.cancel()
                    awaitAllSorts()
                    currentTask()!!.cancelling() shouldBe 1
                }
                events shouldContainExactly listOf("cancelled: why", "all sorts")
            }

            loopTest("does not fail with a child that fails: a failing child goes to its own scope") {
                shouldThrow<ArithmeticException> { coroutineScope { launch { throw ArithmeticException("spam") } } }
                    .message shouldBe "spam"
                supervisorScope {
                    val failing = async { throw ArithmeticException("egg") }
                    shouldThrow<ArithmeticException> { failing.await() }.message shouldBe "egg"
                }
                currentTask()!!.cancelling() shouldBe 0
                awaitAllSorts()
            }
        }

        context("foreign code that is not cancelled") {
            test("works: flows, channels, timeouts, mutexes") {
                runTest {
                    flow {
                        repeat(3) {
                            delay(1.seconds)
                            emit(it)
                        }
                    }.toList() shouldContainExactly listOf(0, 1, 2)
                    channelFlow { coroutineScope { repeat(3) { launch { send(it) } } } }.toList() shouldContainExactly listOf(0, 1, 2)
                    withTimeoutOrNull(1.seconds) { delay(1.hours) } shouldBe null
                    shouldThrow<TimeoutCancellationException> { withTimeout(1.seconds) { sleep(1.hours) } }
                    val channel = Channel<Int>()
                    coroutineScope {
                        launch {
                            repeat(3) { channel.send(it) }
                            channel.close()
                        }
                        for (element in channel) events += "$element"
                    }
                    currentTask()!!.cancelling() shouldBe 0
                    getRunningLoop().time() shouldBe 5.seconds
                    awaitAllSorts()
                }
                events shouldContainExactly listOf("0", "1", "2", "all sorts")
            }

            test("takes turns with tasks at yield") {
                runTest {
                    val other =
                        createTask {
                            repeat(3) {
                                events += "other $it"
                                sleep(Duration.ZERO)
                            }
                        }
                    repeat(3) {
                        yield()
                        events += "main $it"
                    }
                    other.await()
                }
                events shouldContainExactly listOf("other 0", "main 0", "other 1", "main 1", "other 2", "main 2")
            }

            loopTest("a child's timeout around one of our futures cancels that future") {
                val future = getRunningLoop().createFuture<Unit>()
                coroutineScope { launch { withTimeoutOrNull(1.seconds) { future.await() } shouldBe null } }
                future.cancelled() shouldBe true
                awaitAllSorts()
            }
        }
    })
