// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import dev.simul.generators.AsyncGenerator
import dev.simul.generators.AsyncGeneratorScope
import dev.simul.generators.asyncGenerator

/**
 * A generator of the [arrivals], for which [listen] has added a listener by the return of this; closing the generator calls what [listen] has
 * returned. Both block.
 */
internal suspend fun <T : Any> listening(
    arrivals: Arrivals<T>,
    listen: () -> (() -> Unit),
): AsyncGenerator<T, Nothing> =
    begun {
        val stop = acquireOffLoop(listen) { it() }
        try {
            yield(null)
            while (true) yield(arrivals.take() ?: break)
        } finally {
            offLoop(stop)
        }
    }

/** A generator that has begun: its body goes on after its first null, which nobody gets, and its `finally` blocks run when it is closed. */
internal suspend fun <T : Any> begun(body: suspend AsyncGeneratorScope<T?, Nothing>.() -> Unit): AsyncGenerator<T, Nothing> {
    val generator = asyncGenerator(body)
    generator.anext() // If that throws, the body has ended.
    @Suppress("UNCHECKED_CAST")
    return generator as AsyncGenerator<T, Nothing>
}
