// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.getEventLoop
import java.util.ServiceLoader

/**
 * Tells [wrapFuture] how to follow the futures of another library without a thread that blocks on each: for those that are a
 * `java.util.concurrent.Future` and not a `CompletionStage`.
 *
 * Implementations are found by [ServiceLoader], when the first such future is wrapped. asyncio has no equivalent.
 */
public interface FutureWrapper {
    /**
     * A future of [loop] that follows [future], cancelled or failed if that is, and that cancels it when it is cancelled itself; null if
     * [future] is none of this library's.
     *
     * It is called in the thread of whoever wraps the future.
     */
    public fun <T> wrap(
        future: java.util.concurrent.Future<T>,
        loop: EventLoop,
    ): Future<T>?
}

/** The wrappers that are installed. */
internal object FutureWrappers {
    private val all: List<FutureWrapper> by lazy {
        ServiceLoader.load(FutureWrapper::class.java, FutureWrapper::class.java.classLoader).toList()
    }

    /** What the first wrapper that knows [future] makes of it; null if none does. */
    fun <T> wrapped(
        future: java.util.concurrent.Future<T>,
        loop: EventLoop?,
    ): Future<T>? {
        if (all.isEmpty()) return null
        val itsLoop = loop ?: getEventLoop()
        return all.firstNotNullOfOrNull { it.wrap(future, itsLoop) }
    }
}
