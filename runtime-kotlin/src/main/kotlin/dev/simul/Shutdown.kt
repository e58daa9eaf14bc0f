package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import dev.simul.loop.logger

/** An asynchronous generator that has begun and not ended, as its loop knows it. */
internal interface LiveGenerator {
    suspend fun aclose()
}

/** The live generators of a loop. */
internal class LiveGenerators {
    private val live = LinkedHashSet<LiveGenerator>()
    private var shutDown = false

    fun add(generator: LiveGenerator) {
        if (shutDown) logger.warn("asynchronous generator {} was scheduled after shutdownAsyncgens() call", generator)
        live.add(generator)
    }

    fun remove(generator: LiveGenerator) {
        live.remove(generator)
    }

    fun takeAll(): List<LiveGenerator> {
        shutDown = true
        return live.toList().also { live.clear() }
    }

    companion object {
        private val of = LoopLocal { LiveGenerators() }

        operator fun get(loop: EventLoop): LiveGenerators = of[loop]
    }
}

/**
 * Closes all live asynchronous generators of this loop, at the same time; their failures go to the exception handler.
 *
 * Source: `loop.shutdown_asyncgens()`.
 */
public suspend fun EventLoop.shutdownAsyncgens() {
    val generators = LiveGenerators[this].takeAll()
    if (generators.isEmpty()) return
    val outcomes = gatherResults(generators.map { coroutine { it.aclose() } }).await()
    generators.zip(outcomes) { generator, outcome ->
        outcome.exceptionOrNull()?.let {
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
