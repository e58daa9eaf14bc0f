// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.AsyncCloseable
import dev.simul.TaskBridge
import dev.simul.dispatcher
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.loop.Collected
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.ownStep
import kotlinx.coroutines.ExperimentalForInheritanceCoroutinesApi
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.FlowCollector
import kotlinx.coroutines.withContext
import java.lang.ref.WeakReference
import kotlin.coroutines.coroutineContext
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/** The scope in which the body of an asynchronous generator yields. */
public interface AsyncGeneratorScope<in T, out S> {
    /**
     * Passes [value] to the caller, and waits for the next request.
     *
     * Returns the value sent by [AsyncGenerator.asend], or null; throws the exception thrown in by [AsyncGenerator.athrow], or
     * [dev.simul.exceptions.GeneratorExit] when the generator is closed.
     *
     * Source: the `yield` expression.
     */
    public suspend fun yield(value: T): S?
}

/**
 * A generator whose [body] may await between the values that it yields. The body does not run until the first value is requested.
 *
 * Source: an `async def` function with `yield` in it.
 */
public fun <T> asyncGenerator(body: suspend AsyncGeneratorScope<T, Nothing>.() -> Unit): AsyncGenerator<T, Nothing> = AsyncGenerator(body)

/**
 * An [asyncGenerator] whose [body] also receives values of type [S], sent by [AsyncGenerator.asend]: its `yield` returns them.
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
 * A generator that may await between its values; created by [asyncGenerator] and [asyncGeneratorReceiving].
 *
 * Its body runs as part of the task that requests a value, and with that task's context variables. It is closed when its body ends, by
 * [aclose], and at the end of [collect]; leaving a `for` loop by `break` does not close it, but [dev.simul.aclosing] does. A generator left
 * open is closed when the loop shuts down, or when it is collected by the garbage collector.
 *
 * All coroutines that use it must be on one loop: its tasks, and kotlinx coroutines on its dispatcher.
 *
 * It is also a `Flow`, which can be collected once. Cancelling the task that waits in one of its functions throws the
 * [dev.simul.exceptions.CancelledException] at the await in the body.
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
     * Returns the next value.
     *
     * Source: `__anext__()`, `anext(generator)`.
     *
     * @throws StopAsyncIteration if there are no more.
     * @throws IllegalStateException while another call is running.
     */
    public suspend fun anext(): T {
        begin()
        return suspendCoroutineUninterceptedOrReturn { frames.send(null, it) }
    }

    /** Returns the next value, or [default] if there are no more. Source: `anext(generator, default)`. */
    public suspend fun anext(default: T): T {
        val value = advance()
        @Suppress("UNCHECKED_CAST")
        return if (value === GeneratorFrames.END) default else value as T
    }

    /**
     * Makes the body's current `yield` return [value], and returns the next value.
     *
     * Source: `asend(value)`.
     *
     * @throws IllegalArgumentException if the body has not begun, and [value] is not null.
     * @throws StopAsyncIteration if there are no more values.
     * @throws IllegalStateException while another call is running.
     */
    public suspend fun asend(value: S?): T {
        begin()
        return suspendCoroutineUninterceptedOrReturn { frames.send(value, it) }
    }

    /**
     * Makes the body's current `yield` throw [exception], and returns the next value.
     *
     * Source: `athrow(exception)`.
     *
     * @return null if the generator had already ended: the exception is then dropped.
     * @throws StopAsyncIteration if the body catches the exception and ends.
     * @throws IllegalStateException while another call is running.
     */
    public suspend fun athrow(exception: Throwable): T? {
        begin()
        return suspendCoroutineUninterceptedOrReturn { frames.raise(exception, it) }
    }

    /**
     * Closes the generator: the body's current `yield` throws [dev.simul.exceptions.GeneratorExit], and its finally blocks run.
     *
     * Source: `aclose()`.
     *
     * @throws IllegalStateException while another call is running, or if the body yields instead of ending.
     */
    override suspend fun aclose() {
        begin()
        frames.aclose()
    }

    /** An iterator over the values; leaving its loop early leaves the generator open. Source: `aiter(generator)`. */
    public operator fun iterator(): AsyncIterator<T> = GeneratorIterator(this, frames)

    /**
     * Emits the remaining values, and then closes the generator, even if an exception is thrown.
     *
     * If kotlinx code of a task collects on another dispatcher (`flowOn(Dispatchers.IO)`), the body still runs in the task's loop; the
     * values are emitted on the dispatcher.
     */
    override suspend fun collect(collector: FlowCollector<T>) {
        if (coroutineContext.ownStep == null) return collectAsGuest(collector)
        begin()
        try {
            do {
                val result = suspendCoroutineUninterceptedOrReturn<Any?> { frames.emitTo(collector, it) }
                @Suppress("UNCHECKED_CAST")
                if (result is GeneratorFrames.Emission) collector.emit(result.value as T)
            } while (result !== GeneratorFrames.END)
        } finally {
            aclose()
        }
    }

    /** As [collect], in a coroutine that is not a task's own. */
    private suspend fun collectAsGuest(collector: FlowCollector<T>) {
        val loop = loopElsewhere()
        if (loop != null) return collectFrom(loop, collector)
        try {
            for (value in this) collector.emit(value)
        } finally {
            aclose()
        }
    }

    /** The loop of the calling task, if another thread runs it. */
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

    /** The first use: from now on the loop closes the generator unless its user does. */
    internal fun begin() {
        if (begun) return
        begun = true
        val loop = getRunningLoopOrNull() ?: return
        frames.begin(loop, this)
        Collected.then(this, CloseWhenCollected(frames))
    }
}

/** Holds the frames weakly, since the loop holds this: otherwise the remains of a closed loop would never be freed. */
private class CloseWhenCollected(
    frames: GeneratorFrames<*, *>,
) : WeakReference<GeneratorFrames<*, *>>(frames),
    Runnable {
    override fun run() {
        get()?.collected()
    }
}
