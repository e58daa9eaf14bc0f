// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.Task
import dev.simul.coroutine
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.gatherResults
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.interop.callInBody
import dev.simul.interop.retryInBody
import dev.simul.interop.sleeping
import dev.simul.interop.timeoutAfter
import dev.simul.interop.timeoutInBody
import dev.simul.loop.StackRoom
import dev.simul.loop.getRunningLoop
import dev.simul.repeating.Backoff
import dev.simul.runUntilComplete
import dev.simul.sleep
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.time.Duration
import java.util.concurrent.Callable
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.microseconds

/** Tasks that recurse without end overflow alone: what shares the loop with them goes on, wherever the loop runs. */
class DeepStacksTest :
    FunSpec({
        carriersHere.forEach { carrier ->
            context(carrier.name) {
                if (carrier != Carrier.PLATFORM) deepTest(carrier)
                tests(carrier)
            }
        }
    })

private fun pause() = awaitInBody(sleeping(Duration.ZERO, Unit))

private suspend fun FunSpecContainerScope.tests(carrier: Carrier) {
    test("recursion of a coroutine") {
        overflowsAlone(carrier) { createTask { plainly(0) } }
        overflowsAlone(carrier) { createTask { endlessEager(0) } }
    }

    test("recursion that awaits at its bottom alone, which comes nearer to the stack's end") {
        fun down(depth: Int): Int = if (depth == 0) pause().let { 0 } else down(depth - 1) + 1
        overflowsAlone(carrier) { createTask(bodyOf { generateSequence(100) { it + it / 64 + 1 }.forEach { down(it) } }) }
    }

    test("recursion without an await, which is caught at the bottom, where the body awaits then") {
        var awaited = 0

        fun down(): Int =
            try {
                down() + 1
            } catch (e: StackOverflowError) {
                if (awaited++ < 100) pause()
                throw e
            }
        overflowsAlone(carrier) {
            awaited = 0
            createTask(bodyOf { down() })
        }
    }

    test("recursion over await") {
        fun endless(depth: Int): Int {
            pause()
            return endless(depth + 1) + 1
        }
        overflowsAlone(carrier) { createTask(bodyOf { endless(0) }) }
    }

    test("what may await does not begin where the stack has no room for an await") {
        val begun = mutableListOf<String>()
        val attempts =
            listOf<() -> Any?>(
                { awaitInBody(coroutine { begun += "await" }) },
                { timeoutInBody(Duration.ofHours(1), Callable { begun += "timeout" }) },
                { timeoutInBody(timeoutAfter(Duration.ofHours(1)), Callable { begun += "timeout that can be moved" }) },
                { retryInBody(1, Backoff.NONE, { true }, Callable { begun += "retry" }) },
            )
        var refused = 0

        fun down(): Int =
            try {
                StackRoom.requireForAwait()
                down() + 1
            } catch (e: StackOverflowError) {
                if (refused == 0) attempts.forEach { if (runCatching { it() }.exceptionOrNull() is StackOverflowError) refused++ }
                throw e
            }
        overflowsAlone(carrier) {
            refused = 0
            createTask(bodyOf { down() })
        }
        begun.shouldBeEmpty()
        refused shouldBe attempts.size
    }

    test("recursion that awaits what takes time") {
        fun endless(depth: Int): Int {
            if (depth % 64 == 0) awaitInBody(sleeping(Duration.ofNanos(1_000), Unit))
            return endless(depth + 1) + 1
        }
        overflowsAlone(carrier) { createTask(bodyOf { endless(0) }) }
    }

    test("recursion through calls in place") {
        fun endless(depth: Int): Int {
            pause()
            return callInBody(Callable { endless(depth + 1) + 1 }).await()
        }
        overflowsAlone(carrier) { createTask(bodyOf { endless(0) }) }
    }

    test("recursion through coroutines that await bodies' futures") {
        fun endless(depth: Int): Int {
            val future = getRunningLoop().createFuture<Int>()
            callInBody(Callable { future.setResult(depth) })
            return awaitInBody(coroutine { future.await() }) + endless(depth + 1)
        }
        overflowsAlone(carrier) { createTask(bodyOf { endless(0) }) }
    }
}

/** Where each await moves the stack to the heap, it may be deeper than a platform thread's. */
private suspend fun FunSpecContainerScope.deepTest(carrier: Carrier) =
    test("a recursion over await goes on where the stack of a platform thread ends") {
        fun down(depth: Int): Int {
            pause()
            return if (depth == 0) 0 else down(depth - 1) + 1
        }
        withinAMinute {
            newLoopOn(carrier).use { loop ->
                loop.runUntilComplete {
                    val others = List(20) { createTask(bodyOf { countInBody(it) }) }
                    createTask(bodyOf { down(5_000) }).await() shouldBe 5_000
                    others.mapIndexed { index, task -> task.await() shouldBe index + TURNS }
                }
            }
        }
    }

private fun plainly(depth: Int): Int = plainly(depth + 1) + 1

private suspend fun endlessEager(depth: Int): Int = createTask(eagerStart = true) { endlessEager(depth + 1) + 1 }.await()

/** Runs what [begin] makes beside twenty others, three times: they must all end well, and it with the overflow. */
private fun overflowsAlone(
    carrier: Carrier,
    begin: suspend () -> Task<*>,
) = withinAMinute {
    newLoopOn(carrier).use { loop ->
        loop.runUntilComplete {
            repeat(3) {
                val others = List(20) { if (it % 2 == 0) createTask(bodyOf { countInBody(it) }) else createTask { countInCoroutine(it) } }
                val overflowing = begin()
                val outcome = gatherResults(listOf(overflowing)).await().single()
                others.mapIndexed { index, task -> task.await() shouldBe index + TURNS }
                outcome.exceptionOrNull().shouldBeInstanceOf<StackOverflowError>()
            }
        }
    }
}

private const val TURNS = 300

private fun countInBody(from: Int): Int {
    var count = from
    repeat(TURNS) {
        if (it % 2 == 0) pause() else awaitInBody(coroutine { sleep(10.microseconds) })
        count++
    }
    return count
}

private suspend fun countInCoroutine(from: Int): Int {
    var count = from
    repeat(TURNS) {
        if (it % 2 == 0) sleep(kotlin.time.Duration.ZERO) else sleep(10.microseconds)
        // As deep as a callback may well go: not even that may overflow on the stack of another body.
        count += 1 + deepen(100)
    }
    return count
}

private fun deepen(levels: Int): Int = if (levels == 0) 0 else deepen(levels - 1)

internal fun withinAMinute(block: () -> Unit) {
    var failure: Throwable? = null
    val worker =
        thread(isDaemon = true) {
            try {
                block()
            } catch (e: Throwable) {
                failure = e
            }
        }
    worker.join(60_000)
    withClue(worker.stackTrace.joinToString("\n")) { worker.isAlive shouldBe false }
    failure?.let { throw it }
}
