// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopIteration
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.intrinsics.createCoroutineUnintercepted

/**
 * A function that can stop half-way to return a value of type [Y], receive one of type [S], and continue; at its end it returns a value of
 * type [R].
 *
 * The body runs only inside [next], [send], [throwIn] and [close], on the thread that calls them, and not before the first of these calls.
 * It must not be used from several threads at once. Created by [generator].
 *
 * As a [Sequence] it can be iterated once: every call of [iterator] returns the same one, which continues where it stopped. Its `hasNext`
 * runs the body up to the next value, which [next] and [send] then no longer return.
 *
 * Source: a generator object, `types.GeneratorType`.
 */
public class Generator<out Y, in S, out R> internal constructor(
    body: suspend GeneratorScope<Y, S>.() -> R,
) : Sequence<Y> {
    private val scope = GeneratorScope<Y, S>()

    private var ending: Result<Any?>? = null

    private val view by lazy(LazyThreadSafetyMode.NONE) { View() }

    init {
        val completion = Continuation<R>(EmptyCoroutineContext) { ending = it }
        @Suppress("UNCHECKED_CAST")
        scope.waiting = body.createCoroutineUnintercepted(scope, completion) as Continuation<Any?>
    }

    /** The current state of the generator. */
    public var state: GeneratorState = GeneratorState.CREATED
        private set

    /**
     * The generator or iterator to which the body is delegating with `yieldFrom`, or null.
     *
     * Source: `gi_yieldfrom`.
     */
    public val delegate: Any?
        get() = if (state == GeneratorState.SUSPENDED) scope.delegate else null

    /**
     * Runs the body up to its next value and returns that.
     *
     * Source: `next(generator)`.
     *
     * @throws StopIteration with the body's result, once it has ended; with null every time after.
     * @throws IllegalStateException if the body is running now, or if a [StopIteration] escapes from it.
     */
    public fun next(): Y = send(null)

    /**
     * Makes the body's current yield return [value], runs the body up to its next value and returns that.
     *
     * Source: `generator.send`.
     *
     * @throws StopIteration with the body's result, once it has ended; with null every time after.
     * @throws IllegalArgumentException if the body has not begun, so that there is no yield to return [value].
     * @throws IllegalStateException if the body is running now, or if a [StopIteration] escapes from it.
     */
    public fun send(value: S?): Y = valueAfter(Result.success(value))

    /**
     * Makes the body's current yield throw [exception], runs the body up to its next value and returns that.
     *
     * If the body has not begun or has ended, [exception] is thrown to the caller, and the generator is closed.
     *
     * Source: `generator.throw`.
     *
     * @throws StopIteration with the body's result, if it catches [exception] and ends.
     * @throws IllegalStateException if the body is running now, or if a [StopIteration] escapes from it.
     */
    public fun throwIn(exception: Throwable): Y = valueAfter(Result.failure(exception))

    /**
     * Ends the generator: the body's current yield throws a [GeneratorExit], so that the body can clean up.
     *
     * Does nothing if the body has ended, or has not begun, in which case it never will. Other exceptions of the body are thrown to the
     * caller.
     *
     * Source: `generator.close`.
     *
     * @return the body's result if it caught the exit, or null.
     * @throws IllegalStateException if the body yields again, or is running now.
     */
    public fun close(): R? {
        if (state == GeneratorState.CREATED) abandon()
        if (state == GeneratorState.CLOSED) return null
        val yieldsAgain =
            try {
                step(Result.failure(GeneratorExit()))
            } catch (_: GeneratorExit) {
                return null
            }
        check(!yieldsAgain) { "generator ignored GeneratorExit" }
        return takeReturned()
    }

    /** The single iterator over the remaining values; it drops the body's result. */
    override fun iterator(): Iterator<Y> = view

    /** Runs the body; true if it yielded, false if it returned or had already ended. */
    internal fun step(input: Result<S?>): Boolean {
        when (state) {
            GeneratorState.CREATED -> {
                input.onFailure { abandon() }
                val sent = input.getOrThrow()
                require(sent == null) { "cannot send $sent to a generator that has not begun; call next() first" }
            }
            GeneratorState.RUNNING -> error("generator already executing")
            GeneratorState.SUSPENDED -> {}
            GeneratorState.CLOSED -> {
                ending = null
                input.getOrThrow()
                return false
            }
        }
        val body = checkNotNull(scope.waiting) { "a generator that is $state has no continuation" }
        scope.waiting = null
        state = GeneratorState.RUNNING
        body.resumeWith(input)
        if (scope.waiting != null) {
            state = GeneratorState.SUSPENDED
            return true
        }
        state = GeneratorState.CLOSED
        ending?.onFailure { failure ->
            ending = null
            if (failure !is StopIteration) throw failure
            throw IllegalStateException("generator raised StopIteration", failure)
        }
        return false
    }

    @Suppress("UNCHECKED_CAST")
    internal fun takeYielded(): Y {
        val value = scope.yielded as Y
        scope.yielded = null
        return value
    }

    @Suppress("UNCHECKED_CAST")
    internal fun takeReturned(): R {
        val value = ending?.getOrThrow() as R
        ending = null
        return value
    }

    private fun valueAfter(input: Result<S?>): Y =
        if (step(input)) takeYielded() else throw StopIteration(takeReturned().takeIf { it != Unit })

    private fun abandon() {
        scope.waiting = null
        state = GeneratorState.CLOSED
    }

    private inner class View : Iterator<@UnsafeVariance Y> {
        private var ahead = false

        override fun hasNext(): Boolean {
            if (!ahead) ahead = step(Result.success(null))
            return ahead
        }

        override fun next(): Y {
            if (!hasNext()) throw NoSuchElementException("the generator has ended")
            ahead = false
            return takeYielded()
        }
    }
}

/**
 * A generator that runs [body], which yields values of type [Y], receives values of type [S] and returns an [R].
 *
 * ```
 * val average = generator<Double, Int, Unit> {
 *     var sum = 0.0
 *     var count = 0
 *     while (true) {
 *         sum += yield(if (count == 0) 0.0 else sum / count) ?: continue
 *         count++
 *     }
 * }
 * ```
 *
 * Source: calling a function that contains `yield`.
 */
public fun <Y, S, R> generator(body: suspend GeneratorScope<Y, S>.() -> R): Generator<Y, S, R> = Generator(body)
