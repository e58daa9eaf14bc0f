// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.bodies.carriersHere
import dev.simul.bodies.onVirtualTime
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.TimeoutException
import dev.simul.generators.asyncGenerator
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.queues.Queue
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainInOrder
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import java.util.concurrent.CountDownLatch
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class TracesTest :
    FunSpec({
        loopTest("a failure after an await shows the callers that were suspended, its task, and who awaits that") {
            currentTask()!!.name = "main"
            val thrown = shouldThrow<IllegalStateException> { awaits(createTask(name = "outer") { first() }) }
            thrown.shape() shouldContainExactly
                listOf("third", "second", "first", "invokeSuspend", "in.task(outer)", "awaited.by(main)", "awaits", "invokeSuspend")
            thrown.lines("second", "first", "awaits") shouldContainExactly listOf(lineOfCallOfThird, lineOfCallOfSecond, lineOfAwait)
        }

        loopTest("a failure before any await shows the same") {
            currentTask()!!.name = "main"
            val thrown = shouldThrow<IllegalStateException> { awaits(createTask(name = "outer") { fails() }) }
            thrown.shape() shouldContainExactly
                listOf("fails", "invokeSuspend", "in.task(outer)", "awaited.by(main)", "awaits", "invokeSuspend")
        }

        loopTest("a caller that goes on and then fails has its own callers") {
            val thrown = shouldThrow<IllegalStateException> { createTask(name = "outer") { callsAndFails() }.await() }
            thrown.shape().take(3) shouldContainExactly listOf("callsAndFails", "invokeSuspend", "in.task(outer)")
        }

        loopTest("an eager task shows nothing of the code that has created it") {
            val task = createTask(name = "eager", eagerStart = true) { fails() }
            currentTask()!!.name = "main"
            val thrown = shouldThrow<IllegalStateException> { awaits(task) }
            thrown.shape() shouldContainExactly
                listOf("fails", "invokeSuspend", "in.task(eager)", "awaited.by(main)", "awaits", "invokeSuspend")
        }

        loopTest("every task on the way adds its frames, and the exception stays the same") {
            currentTask()!!.name = "main"
            val inner = createTask(name = "inner") { first() }
            val outer = createTask(name = "outer") { awaits(inner) }
            val thrown = shouldThrow<IllegalStateException> { awaits(outer) }
            thrown shouldBeSameInstanceAs inner.exception()
            thrown.markers() shouldContainExactly listOf("in.task(inner)", "awaited.by(outer)", "awaited.by(main)")
        }

        loopTest("the failure of gather shows the one that failed and the one that gathered") {
            currentTask()!!.name = "main"
            val failing = createTask(name = "failing") { first() }
            val thrown = shouldThrow<IllegalStateException> { gather(createTask { sleep(1.seconds) }, failing).await() }
            thrown.shape().take(5) shouldContainExactly listOf("third", "second", "first", "invokeSuspend", "in.task(failing)")
            thrown.markers() shouldContainExactly listOf("in.task(failing)", "awaited.by(main)")
        }

        loopTest("shields and limits of time are passed") {
            currentTask()!!.name = "main"
            val shielded = shouldThrow<IllegalStateException> { shield(createTask(name = "inner") { first() }).await() }
            shielded.markers() shouldContainExactly listOf("in.task(inner)", "awaited.by(main)")
            val limited = createTask(name = "limited") { timeout(1.seconds) { first() } }
            shouldThrow<IllegalStateException> { limited.await() }.shape().take(5) shouldContainExactly
                listOf("third", "second", "first", "invokeSuspend", "in.task(limited)")
        }

        loopTest("an expired limit shows where it was set, and by whom") {
            currentTask()!!.name = "main"
            val task = createTask(name = "slow") { tooSlow() }
            val thrown = shouldThrow<TimeoutException> { awaits(task) }
            thrown.shape().drop(1) shouldContainExactly
                listOf("tooSlow", "invokeSuspend", "in.task(slow)", "awaited.by(main)", "awaits", "invokeSuspend")
        }

        loopTest("each member of a group shows its own task, and the group the line that waited") {
            val group = createTask(name = "parent") { grouped() }
            val thrown = shouldThrow<ExceptionGroup> { group.await() }
            thrown.shape() shouldContainInOrder listOf("grouped", "invokeSuspend", "in.task(parent)")
            thrown.exceptions.map { it.markers().single() } shouldContainExactly listOf("in.task(one)", "in.task(two)")
            thrown.exceptions.forEach { it.shape().take(3) shouldContainExactly listOf("third", "second", "first") }
        }

        loopTest("a generator shows its own lines and those of its user") {
            val suspended = createTask(name = "user") { uses { first() } }
            shouldThrow<IllegalStateException> { suspended.await() }.shape().filter { it != "invokeSuspend" }.take(5) shouldContainExactly
                listOf("third", "second", "first", "uses", "in.task(user)")
            val atOnce = createTask(name = "user") { uses { fails() } }
            shouldThrow<IllegalStateException> { atOnce.await() }.shape().filter { "invoke" !in it }.take(3) shouldContainExactly
                listOf("fails", "uses", "in.task(user)")
        }

        for ((way, consumer) in mapOf<String, suspend () -> Unit>("a for loop" to ::loopsAndFails, "anext" to ::takesAndFails)) {
            loopTest("a user of a generator that fails after a value came late, by $way, shows nothing of the generator") {
                val thrown = shouldThrow<IllegalStateException> { createTask(name = "user") { consumer() }.await() }
                thrown.stackTrace.none { "lateOnes" in it.className + it.methodName } shouldBe true
                thrown.shape().filterNot { "invoke" in it || "lambda" in it }.take(2) shouldContainExactly
                    listOf(if (way == "anext") "takesAndFails" else "loopsAndFails", "in.task(user)")
            }
        }

        loopTest("a collector that fails shows itself and its callers, and nothing of the generator") {
            val pauses = listOf<suspend () -> Unit>({}, { sleep(1.milliseconds) })
            for (outer in pauses) {
                for (inner in pauses) {
                    val thrown = shouldThrow<IllegalStateException> { createTask(name = "user") { collects(inner, outer) }.await() }
                    thrown.stackTrace.none { "earlyOnes" in it.className + it.methodName } shouldBe true
                    thrown.shape().filterNot { "invoke" in it || "lambda" in it || it == "emit" }.take(3) shouldContainExactly
                        listOf("fails", "collects", "in.task(user)")
                }
            }
        }

        loopTest("code of kotlinx.coroutines is no obstacle") {
            val delayed = createTask(name = "delayed") { delays() }
            shouldThrow<IllegalStateException> { delayed.await() }.shape().take(4) shouldContainExactly
                listOf("afterDelay", "delays", "invokeSuspend", "in.task(delayed)")
            val elsewhere = createTask(name = "elsewhere") { failsElsewhere() }
            val shape = shouldThrow<IllegalStateException> { elsewhere.await() }.shape()
            shape.first() shouldBe "fails"
            shape shouldContainInOrder listOf("failsElsewhere", "invokeSuspend", "in.task(elsewhere)")
        }

        loopTest("code that blocks in a loop of its own keeps its frames") {
            val task = createTask(name = "blocking") { blocks() }
            shouldThrow<IllegalStateException> { task.await() }.shape() shouldContainInOrder listOf("fails", "blocks", "in.task(blocking)")
        }

        loopTest("a failure from a callback, or of a thread, shows who awaited it") {
            currentTask()!!.name = "main"
            val future = getRunningLoop().createFuture<Int>()
            getRunningLoop().callSoon { future.setException(IllegalStateException("from a callback")) }
            val called = shouldThrow<IllegalStateException> { awaits(future) }
            called.markers() shouldContainExactly listOf("awaited.by(main)")
            called.shape() shouldNotContain "runReady"
            called.shape() shouldContain "awaits"
            val threaded = shouldThrow<IllegalStateException> { toThread { fails() } }
            threaded.shape().first() shouldBe "fails"
            threaded.markers() shouldContainExactly listOf("awaited.by(main)")
        }

        loopTest("an await of what has failed already shows its own line") {
            currentTask()!!.name = "main"
            val task = createTask(name = "failed") { fails() }
            sleep(1.milliseconds)
            shouldThrow<IllegalStateException> { awaits(task) }.shape() shouldContainExactly
                listOf("fails", "invokeSuspend", "in.task(failed)", "awaited.by(main)", "awaits", "invokeSuspend")
        }

        loopTest("many that await one failure, or one that awaits it often, do not make it grow") {
            val failing = createTask(name = "failing") { first() }
            val waiting = List(1_000) { createTask(name = "waiting $it") { awaits(failing) } }
            waiting.forEach { shouldThrow<IllegalStateException> { it.await() } }
            val thrown = failing.exception()!!
            thrown.markers() shouldContainExactly listOf("in.task(failing)", "awaited.by(waiting 0)", thrown.markers()[2])
            val length = thrown.stackTrace.size
            repeat(100) { shouldThrow<IllegalStateException> { awaits(failing) } shouldBeSameInstanceAs thrown }
            thrown.stackTrace.size shouldBe length
        }

        loopTest("an exception that is thrown again and again does not grow without bound") {
            val constant = IllegalStateException("constant")
            repeat(1_000) { shouldThrow<IllegalStateException> { createTask<Unit>(name = "task $it") { throw constant }.await() } }
            constant.markers().size shouldBeLessThan 20
        }

        loopTest("exceptions that want no trace have none") {
            class Stackless : RuntimeException("stackless", null, false, false)

            val task = createTask<Unit> { throw Stackless() }
            shouldThrow<Stackless> { task.await() }.stackTrace.asList().shouldBeEmpty()
            val cancelled = createTask { sleep(1.seconds) }
            sleep(1.milliseconds)
            cancelled.cancel()
            shouldThrow<CancelledException> { cancelled.await() }.stackTrace.asList().shouldBeEmpty()
        }

        loopTest("an exception that refuses to tell its trace goes its way") {
            class Refusing : RuntimeException("refusing") {
                override fun getStackTrace(): Array<StackTraceElement> = throw UnsupportedOperationException("getStackTrace")
            }

            val task = createTask<Unit> { throw Refusing() }
            shouldThrow<Refusing> { task.await() }.message shouldBe "refusing"
        }

        loopTest("the cause of a failure shows no more of the loop than the failure") {
            val task = createTask<Unit>(name = "wrapping") { wraps() }
            val thrown = shouldThrow<IllegalArgumentException> { task.await() }
            thrown.cause!!.shape() shouldContainExactly listOf("third")
            thrown.shape().take(3) shouldContainExactly listOf("wraps", "invokeSuspend", "in.task(wrapping)")
        }

        loopTest("a failure of a wait of this library shows who waited") {
            val queue = Queue<Int>()
            val task = createTask(name = "consumer") { takes(queue) }
            sleep(1.milliseconds)
            queue.shutdown()
            val shape = runCatching { task.await() }.exceptionOrNull()!!.shape()
            shape shouldContainInOrder listOf("takes", "invokeSuspend", "in.task(consumer)")
        }

        test("the caller of run is below all that") {
            val thrown = shouldThrow<IllegalStateException> { runsALoop() }
            thrown.shape() shouldContainInOrder
                listOf("third", "second", "first", "invokeSuspend", "awaited.by(thread ${Thread.currentThread().name})", "runsALoop")
            thrown.stackTrace.none { it.className == EventLoop::class.java.name } shouldBe true
        }

        context("a mode that was asked for") {
            suspend fun failureIn(mode: TraceMode): Throwable {
                val before = Traces.mode
                Traces.mode = mode
                try {
                    return shouldThrow<IllegalStateException> { createTask(name = "outer") { first() }.await() }
                } finally {
                    Traces.mode = before
                }
            }

            loopTest("full shows also what runs the program") {
                val thrown = failureIn(TraceMode.FULL)
                thrown.shape() shouldContainInOrder listOf("third", "second", "first", "runReady", "in.task(outer)")
            }

            loopTest("off leaves the traces as the JVM has written them") {
                val thrown = failureIn(TraceMode.OFF)
                thrown.markers().shouldBeEmpty()
                thrown.shape() shouldNotContain "second"
                thrown.shape() shouldContain "runReady"
            }

            test("is read from the setting") {
                TraceMode.byDefault(null) shouldBe TraceMode.PROGRAM
                TraceMode.byDefault("full") shouldBe TraceMode.FULL
                TraceMode.byDefault("off") shouldBe TraceMode.OFF
            }
        }

        for (carrier in carriersHere) {
            context("bodies on $carrier") {
                test("a body that fails after an await shows its own stack, its task, and the coroutine that awaits it") {
                    onVirtualTime(carrier) {
                        currentTask()!!.name = "main"
                        val task = createTask(bodyOf { outerInBody() }, name = "body")
                        shouldThrow<IllegalStateException> { awaits(task) }.shape().filterNot { "lambda" in it } shouldContainInOrder
                            listOf("innerInBody", "outerInBody", "in.task(body)", "awaited.by(main)", "awaits", "invokeSuspend")
                    }
                }

                test("a body that calls a coroutine in its own task shows both") {
                    onVirtualTime(carrier) {
                        val task = createTask(bodyOf { callsKotlin() }, name = "body")
                        val thrown = shouldThrow<IllegalStateException> { task.await() }
                        thrown.shape().filterNot { "lambda" in it || it == "invokeSuspend" || it == "call" } shouldContainInOrder
                            listOf("third", "second", "first", "callsKotlin", "in.task(body)")
                        thrown.markers() shouldContainExactly listOf("in.task(body)", thrown.markers().last())
                    }
                }

                test("a coroutine that calls a body in its own task shows both") {
                    onVirtualTime(carrier) {
                        val task = createTask(name = "both") { callsBody() }
                        shouldThrow<IllegalStateException> { task.await() }.shape() shouldContainInOrder
                            listOf("innerInBody", "outerInBody", "callsBody", "invokeSuspend", "in.task(both)")
                    }
                }

                test("a body that awaits a failing task shows its stack once") {
                    onVirtualTime(carrier) {
                        val failing = createTask(name = "failing") { first() }
                        val task = createTask(bodyOf { awaitsInBody(failing) }, name = "body")
                        val thrown = shouldThrow<IllegalStateException> { task.await() }
                        thrown.shape().filterNot { "lambda" in it || it == "invokeSuspend" } shouldContainInOrder
                            listOf("third", "second", "first", "in.task(failing)", "awaited.by(body)", "awaitsInBody")
                        thrown.shape().count { it == "awaitsInBody" } shouldBe 1
                        thrown.stackTrace.none { it.className.startsWith("dev.simul.bodies.Body") } shouldBe true
                    }
                }
            }
        }
    })

private suspend fun third(): Int {
    sleep(1.milliseconds)
    throw IllegalStateException("broken")
}

private suspend fun second(): Int {
    lineOfCallOfThird = nextLine()
    val result = third()
    return result + 1
}

private suspend fun first(): Int {
    lineOfCallOfSecond = nextLine()
    val result = second()
    return result + 1
}

private suspend fun <T> awaits(future: Future<T>): T {
    lineOfAwait = nextLine()
    val result = future.await()
    return result.also { check(future.done()) }
}

private var lineOfCallOfThird = 0
private var lineOfCallOfSecond = 0
private var lineOfAwait = 0

private fun nextLine() = Throwable().stackTrace[1].lineNumber + 1

private fun fails(): Int = throw IllegalStateException("broken at once")

private suspend fun callsAndFails(): Int {
    sleep(1.milliseconds)
    returns()
    return fails2()
}

private suspend fun returns(): Int {
    sleep(1.milliseconds)
    return 1
}

@Suppress("NOTHING_TO_INLINE")
private inline fun fails2(): Int = throw IllegalStateException("broken afterwards")

private suspend fun tooSlow(): Int {
    val result = timeout(1.milliseconds) { sleep(1.seconds) }
    return result.hashCode()
}

private suspend fun grouped() {
    val group =
        taskGroup {
            it.createTask(name = "one") { first() }
            it.createTask(name = "two") { first() }
        }
    check(group.hashCode() != 0)
}

private suspend fun uses(body: suspend () -> Int): Int {
    val values =
        asyncGenerator {
            yield(1)
            yield(body())
        }
    var sum = 0
    for (value in values) sum += value
    return sum
}

private fun lateOnes() =
    asyncGenerator {
        while (true) {
            sleep(1.milliseconds)
            yield(1)
        }
    }

private suspend fun loopsAndFails() {
    for (value in lateOnes()) error("broken at $value")
}

private suspend fun takesAndFails() {
    val value = lateOnes().anext()
    error("broken at $value")
}

private fun earlyOnes(pause: suspend () -> Unit) =
    asyncGenerator {
        pause()
        yield(1)
        yield(2)
    }

/** A generator in a generator, whose collector fails. */
private suspend fun collects(
    inner: suspend () -> Unit,
    outer: suspend () -> Unit,
) {
    val earlyOnesOfThose =
        asyncGenerator {
            outer()
            earlyOnes(inner).collect { yield(it) }
        }
    earlyOnesOfThose.collect { check(it < 2 || fails() > 0) }
    check(inner != outer || fails() > 0)
}

private suspend fun afterDelay(): Int {
    delay(1.milliseconds)
    throw IllegalStateException("broken")
}

private suspend fun delays(): Int {
    val result = afterDelay()
    return result + 1
}

private suspend fun failsElsewhere(): Int {
    val isSuspended = CountDownLatch(1)
    getRunningLoop().callSoon { isSuspended.countDown() }
    val result =
        withContext(Dispatchers.Default) {
            isSuspended.await()
            fails()
        }
    return result + 1
}

private fun blocks(): Int =
    runBlocking {
        delay(1.milliseconds)
        fails()
    }

private suspend fun wraps() {
    try {
        third()
    } catch (e: IllegalStateException) {
        throw IllegalArgumentException("wrapped", e)
    }
}

private suspend fun takes(queue: Queue<Int>): Int {
    val result = queue.get()
    return result + 1
}

private fun runsALoop() {
    EventLoop().use { loop -> loop.runUntilComplete { first() } }
}

private fun innerInBody(): Int {
    awaitInBody(coroutine { sleep(1.milliseconds) })
    throw IllegalStateException("broken in a body")
}

private fun outerInBody(): Int = innerInBody() + 1

private fun callsKotlin(): Int = awaitInBody(coroutine { first() }) + 1

private suspend fun callsBody(): Int {
    val result = bodyOf { outerInBody() }.await()
    return result + 1
}

private fun awaitsInBody(future: Future<Int>): Int = awaitInBody(future) + 1

/** The methods of this file and of the loop, and the markers. */
private fun Throwable.shape(): List<String> =
    stackTrace.mapIndexedNotNull { index, frame ->
        when {
            frame.isMarker -> frame.toString()
            index == 0 || frame.fileName == "TracesTest.kt" || frame.methodName == "runReady" -> frame.methodName
            else -> null
        }
    }

private fun Throwable.markers(): List<String> = stackTrace.filter { it.isMarker }.map { it.toString() }

private fun Throwable.lines(vararg methods: String): List<Int> =
    methods.map { name ->
        stackTrace
            .first {
                it.methodName == name
            }.lineNumber
    }

private val StackTraceElement.isMarker: Boolean get() = className == "in" || className == "awaited"
