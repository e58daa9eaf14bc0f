package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import dev.simul.loop.logger

/** The asynchronous generators of a loop that have begun and not ended. */
internal class LiveGenerators {
    private val live = LinkedHashSet<AsyncCloseable>()
    private var shutDown = false

    fun add(generator: AsyncCloseable) {
        if (shutDown) logger.warn("asynchronous generator {} was scheduled after shutdownAsyncgens() call", generator)
        live.add(generator)
    }

    fun remove(generator: AsyncCloseable) {
        live.remove(generator)
    }

    fun takeAll(): List<AsyncCloseable> {
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
