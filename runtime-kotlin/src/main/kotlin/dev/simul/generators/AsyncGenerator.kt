// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncCloseable
import dev.simul.TaskBridge
import dev.simul.dispatcher
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.loop.Collected
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import kotlinx.coroutines.ExperimentalForInheritanceCoroutinesApi
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.withContext
import java.lang.ref.Cleaner
import java.lang.ref.WeakReference
import kotlin.coroutines.coroutineContext
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/** Where the body of an asynchronous generator yields. */
public interface AsyncGeneratorScope<in T, out S> {
    /**
     * Hands [value] to whoever asked for it, and waits to be asked again.
     *
     * It gives what was sent then by [AsyncGenerator.asend], or null; and throws what was thrown in by
     * [AsyncGenerator.athrow], or [dev.simul.exceptions.GeneratorExit] when the generator is closed.
     *
     * Source: the `yield` expression.
     */
    public suspend fun yield(value: T): S?
}

/**
 * A generator whose [body] may await between the values that it yields. Nothing runs until the first value is asked for.
 *
 * Source: an `async def` function with `yield` in it.
 */
public fun <T> asyncGenerator(body: suspend AsyncGeneratorScope<T, Nothing>.() -> Unit): AsyncGenerator<T, Nothing> = AsyncGenerator(body)

/**
 * An [asyncGenerator] whose [body] is also sent values of type [S], by [AsyncGenerator.asend]: they are what its `yield` gives.
 *
 * ```
 * val totals =
 *     asyncGeneratorReceiving<Int, Int> {
 *         var total = 0
 *         while (true) total += yield(total) ?: 0
 *     }
 * ```
 *
 * Source: an `async def` function that uses the value of its `yield`.
 */
public fun <T, S> asyncGeneratorReceiving(body: suspend AsyncGeneratorScope<T, S>.() -> Unit): AsyncGenerator<T, S> = AsyncGenerator(body)

/**
 * A generator that may await between its values; made by [asyncGenerator] and [asyncGeneratorReceiving].
 *
 * Its body runs as a part of the task that asks for a value, and with its context variables. It is closed when its body ends,
 * by [aclose], and at the end of [collect]; leaving a `for` loop by `break` does not close it, [dev.simul.aclosing] does. One
 * that is left open is closed when the loop shuts down, or when it is collected.
 *
 * All who drive it, in turn, have to be on one loop: its tasks, and kotlinx coroutines on its dispatcher.
 *
 * It is a `Flow` as well, though one that can be collected once. Cancelling the task that waits in one of its functions throws
 * the [dev.simul.exceptions.CancelledException] at the await in the body.
 *
 * Source: Python's asynchronous generators, PEP 525.
 */
@OptIn(ExperimentalForInheritanceCoroutinesApi::class)
public class AsyncGenerator<T, S> internal constructor(
    body: suspend AsyncGeneratorScope<T, S>.() -> Unit,
) : Flow<T>,
    AsyncCloseable {
    private val frames = GeneratorFrames(body)
    private var begun = false

    /**
     * The next value.
     *
     * Source: `__anext__()`, `anext(generator)`.
     *
     * @throws StopAsyncIteration if there are no more.
     * @throws IllegalStateException while another call is under way.
     */
    public suspend fun anext(): T {
        begin()
        return suspendCoroutineUninterceptedOrReturn { frames.send(null, it) }
    }

    /** The next value, or [default] if there are no more. Source: `anext(generator, default)`. */
    public suspend fun anext(default: T): T {
        val value = advance()
        @Suppress("UNCHECKED_CAST")
        return if (value === GeneratorFrames.END) default else value as T
    }

    /**
     * Makes the `yield` that the body waits in give [value], and returns the next value.
     *
     * Source: `asend(value)`.
     *
     * @throws IllegalArgumentException if the body has not begun, and [value] is not null.
     * @throws StopAsyncIteration if there are no more values.
     * @throws IllegalStateException while another call is under way.
     */
    public suspend fun asend(value: S?): T {
        begin()
        return suspendCoroutineUninterceptedOrReturn { frames.send(value, it) }
    }

    /**
     * Makes the `yield` that the body waits in throw [exception], and returns the next value.
     *
     * Source: `athrow(exception)`.
     *
     * @return null if the generator has ended before: the exception is dropped then.
     * @throws StopAsyncIteration if the body catches the exception and ends.
     * @throws IllegalStateException while another call is under way.
     */
    public suspend fun athrow(exception: Throwable): T? {
        begin()
        return suspendCoroutineUninterceptedOrReturn { frames.raise(exception, it) }
    }

    /**
     * Closes the generator: the `yield` that the body waits in throws [dev.simul.exceptions.GeneratorExit], and its finally blocks run.
     *
     * Source: `aclose()`.
     *
     * @throws IllegalStateException while another call is under way, and if the body yields instead of ending.
     */
    override suspend fun aclose() {
        begin()
        frames.aclose()
    }

    /** An iterator over the values; leaving its loop early leaves the generator open. Source: `aiter(generator)`. */
    public operator fun iterator(): AsyncIterator<T> =
        object : AsyncIterator<T> {
            private var value: Any? = GeneratorFrames.END

            override suspend fun hasNext(): Boolean {
                value = advance()
                return value !== GeneratorFrames.END
            }

            override fun next(): T {
                val next = value
                if (next === GeneratorFrames.END) throw NoSuchElementException("ask hasNext() before next()")
                value = GeneratorFrames.END
                @Suppress("UNCHECKED_CAST")
                return next as T
            }
        }

    /**
     * Emits the values that are left, and closes the generator, however that ends.
     *
     * Where kotlinx code of a task collects on another dispatcher (`flowOn(Dispatchers.IO)`), the body still runs in the task's
     * loop; what is emitted is emitted there.
     */
    override suspend fun collect(collector: FlowCollector<T>) {
        val loop = loopElsewhere()
        if (loop != null) return collectFrom(loop, collector)
        try {
            for (value in this) collector.emit(value)
        } finally {
            aclose()
        }
    }

    /** The loop of the task that this runs for, if it is another thread's. */
    private suspend fun loopElsewhere(): EventLoop? = coroutineContext[TaskBridge]?.step?.loop?.takeUnless { it.isInLoop || it.isClosed }

    private suspend fun collectFrom(
        loop: EventLoop,
        collector: FlowCollector<T>,
    ) {
        try {
            while (true) {
                val value = withContext(loop.dispatcher) { advance() }
                if (value === GeneratorFrames.END) return
                @Suppress("UNCHECKED_CAST")
                collector.emit(value as T)
            }
        } finally {
            withContext(NonCancellable + loop.dispatcher) { aclose() }
        }
    }

    override fun toString(): String = "<AsyncGenerator ${frames.describeState()}>"

    private suspend fun advance(): Any? {
        begin()
        return suspendCoroutineUninterceptedOrReturn { frames.advance(it) }
    }

    /** The first use: from now on the loop closes the generator if nobody else does. */
    private fun begin() {
        if (begun) return
        begun = true
        val loop = getRunningLoopOrNull() ?: return
        frames.begin(loop, this)
        Collected.then(this, CloseWhenCollected(frames))
    }
}

/** It holds the frames weakly, since the loop holds them: else what a closed loop has left would never be freed. */
private class CloseWhenCollected(
    frames: GeneratorFrames<*, *>,
) : WeakReference<GeneratorFrames<*, *>>(frames),
    Runnable {
    override fun run() {
        get()?.collected()
    }
}
