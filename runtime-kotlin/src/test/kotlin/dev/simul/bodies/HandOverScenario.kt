// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.Future
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.interop.callInBody
import dev.simul.interop.sleeping
import dev.simul.interop.timeoutInBody
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.toCompletableFuture
import java.time.Duration
import java.util.concurrent.Callable
import java.util.concurrent.CompletableFuture
import kotlin.time.Duration.Companion.microseconds

/** Bodies and coroutines that hand the loop to each other in all the ways there are, while an error strikes. */
object HandOverScenario {
    /**
     * Returns what has become of each of them, unless the loop has ended with an error, then what nobody was told outside, and at
     * last the loop's error.
     */
    @JvmStatic
    fun run(
        carrier: String,
        arm: Runnable,
    ): List<Throwable?> {
        val outcomes = ArrayList<Throwable?>()
        val loop = EventLoop()
        loop.setCarrierNamed(carrier)
        loop.exceptionHandler = dev.simul.loop.ExceptionHandler { _, _ -> }
        var all = emptyList<Future<*>>()
        var outside = emptyList<CompletableFuture<*>>()
        val ended =
            runCatching {
                loop.runUntilComplete {
                    all = begin()
                    outside = all.map { it.toCompletableFuture() }
                    sleep(kotlin.time.Duration.ZERO)
                    sleep(kotlin.time.Duration.ZERO)
                    arm.run()
                    for (one in all) runCatching { one.await() }
                    Strike.disarm()
                }
            }.exceptionOrNull()
        Strike.disarm()
        if (ended == null) all.mapTo(outcomes) { if (it.done()) it.peekFailure() else IllegalStateException("is not done: $it") }
        runCatching { loop.close() }
        outside.filterNot { it.isDone }.mapTo(outcomes) { IllegalStateException("is not told outside: $it") }
        return outcomes + ended
    }

    private fun EventLoop.setCarrierNamed(name: String) {
        carrier = Carrier.valueOf(name)
    }

    private fun begin(): List<Future<*>> {
        val loop = getRunningLoop()
        val there = List(ROUNDS) { loop.createFuture<Unit>() }
        return listOf(
            loop.createTask(bodyOf { repeat(ROUNDS) { pause() } }),
            loop.createTask(bodyOf { repeat(ROUNDS) { awaitInBody(sleeping(Duration.ofNanos(1_000), Unit)) } }),
            loop.createTask(bodyOf { there.forEach { it.setResult(pause()) } }),
            loop.createTask(bodyOf { there.forEach { runCatching { timeoutInBody(Duration.ofMillis(20)) { awaitInBody(it) } } } }),
            loop.createTask(bodyOf { repeat(ROUNDS) { callInBody(Callable { pause() }).await() } }),
            loop.createTask(bodyOf { repeat(ROUNDS) { awaitInBody(loop.createTask(bodyOf { pause() })) } }),
            loop.createTask { repeat(ROUNDS) { loop.createTask(bodyOf { pause() }, eagerStart = true).await() } },
            loop.createTask { repeat(ROUNDS) { sleep(kotlin.time.Duration.ZERO) } },
            loop.createTask { repeat(ROUNDS) { sleep(1.microseconds) } },
        )
    }

    private fun pause() = awaitInBody(sleeping(Duration.ZERO, Unit))

    private const val ROUNDS = 6
}
