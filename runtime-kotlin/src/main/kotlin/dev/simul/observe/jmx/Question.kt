// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.bodies.Body
import dev.simul.bodies.framesOfWait
import dev.simul.loop.EventLoop
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import javax.management.openmbean.CompositeData

/** Asks [loop] for its state, in a callback of its own; it is asked as soon as this is made. The frames are read by whoever takes the answer. */
internal class Question(
    private val loop: EventLoop,
    private val wantsStack: (task: Long) -> Boolean,
    private val framesOf: (Body<*>) -> List<StackTraceElement> = Body<*>::framesOfWait,
) {
    private val reading = LoopReading(loop)
    private val askedAt = System.nanoTime()
    private val activity = Activity.of(loop)

    /** Null if it does not get an answer. */
    private val answer = CompletableFuture<LoopState?>()

    init {
        try {
            when {
                activity == Activity.STOPPED || loop.isInLoop -> reply()
                else -> loop.callAwaitedSoon({ answer.complete(null) }, ::reply)
            }
        } catch (_: IllegalStateException) {
            answer.complete(null) // It has been closed in between.
        }
    }

    private fun reply() {
        if (answer.isDone) return
        try {
            answer.complete(reading.answer(activity, lagNanos()))
        } catch (e: Throwable) {
            answer.completeExceptionally(e) // The loop and its program have nothing to do with it.
        }
    }

    private fun lagNanos() = System.nanoTime() - askedAt

    /** The answer, or at [deadlineNanos], by the machine's clock, what can be seen without one. Null if the loop was closed. */
    fun answerBy(deadlineNanos: Long): CompositeData? = stateBy(deadlineNanos)?.let { LoopReport(it, wantsStack, framesOf).record() }

    private fun stateBy(deadlineNanos: Long): LoopState? {
        val answered =
            try {
                answer.get(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS)
            } catch (_: TimeoutException) {
                null
            } catch (_: ExecutionException) {
                null
            }
        answer.complete(null) // From now on the callback does nothing.
        return when {
            answered != null -> answered
            loop.isClosed -> null
            !loop.isRunning -> reading.answer(Activity.STOPPED, 0)
            else -> reading.fromOutside(lagNanos())
        }
    }
}
