// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.DebugOrigins
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import dev.simul.loop.logger

/** The part of an asynchronous generator that its loop keeps and closes; the loop does not hold the generator itself. */
internal interface LiveGenerator : AsyncCloseable {
    /** The object that users know: the generator, while it exists. */
    val generator: Any

    /** The line in which it waits in a `yield`, if that is known. */
    val line: StackTraceElement?
}

/** The asynchronous generators of a loop that have begun and not ended. */
internal class LiveGenerators {
    private val live = LinkedHashSet<LiveGenerator>()
    private var shutDown = false

    fun add(generator: LiveGenerator) {
        if (shutDown) {
            logger.warn("asynchronous generator {} was scheduled after shutdownAsyncgens() call", generator.generator)
        }
        live.add(generator)
    }

    fun remove(generator: LiveGenerator) {
        live.remove(generator)
    }

    val all: List<LiveGenerator> get() = live.toList()

    /** The loop closes, and will never close these: what they have to clean up stays undone. */
    private fun reportOpen(loop: EventLoop) {
        for (generator in live) {
            loop.callExceptionHandler(
                ExceptionContext(
                    "asynchronous generator was never closed",
                    details = listOfNotNull("asyncgen" to generator.generator, generator.line?.let { "coroutine" to it.inShort() }).toMap(),
                    origin = if (loop.debug) DebugOrigins[loop].of(generator) else null,
                ),
            )
        }
    }

    fun takeAll(): List<LiveGenerator> {
        shutDown = true
        return live.toList().also { live.clear() }
    }

    companion object {
        private val of = LoopLocal(onClose = { loop, generators -> generators.reportOpen(loop) }) { LiveGenerators() }

        operator fun get(loop: EventLoop): LiveGenerators = of[loop]
    }
}

/**
 * Closes all live asynchronous generators of this loop concurrently; their failures go to the exception handler.
 *
 * Source: `loop.shutdown_asyncgens()`.
 */
public suspend fun EventLoop.shutdownAsyncgens() {
    val generators = LiveGenerators[this].takeAll()
    if (generators.isEmpty()) return
    val outcomes = gatherResults(generators.map { ownCoroutine { it.aclose() } }).await()
    generators.zip(outcomes) { live, outcome ->
        outcome.exceptionOrNull()?.let {
            val generator = live.generator
            callExceptionHandler(
                ExceptionContext(
                    "an error occurred during closing of asynchronous generator $generator",
                    it,
                    mapOf("asyncgen" to generator),
                ),
            )
        }
    }
}
