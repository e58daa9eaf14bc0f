// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopIteration
import kotlin.coroutines.Continuation
import kotlin.coroutines.RestrictsSuspension
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/**
 * The operations of a [Generator]'s body: it yields values of type [Y], and receives values of type [S].
 *
 * The body can suspend in no other way.
 */
@RestrictsSuspension
public class GeneratorScope<in Y, out S> internal constructor() {
    /** Where the body continues; null while it runs and after it has ended. */
    internal var waiting: Continuation<Any?>? = null

    internal var yielded: Any? = null

    internal var delegate: Any? = null

    /**
     * Passes [value] to the caller and waits for the next request.
     *
     * Throws the exception of [Generator.throwIn], or a [GeneratorExit] when the generator is closed.
     *
     * Source: `yield value`.
     *
     * @return the value that the caller sent, or null if it only requested the next value.
     */
    public suspend fun yield(value: Y): S? =
        suspendCoroutineUninterceptedOrReturn { continuation ->
            yielded = value
            @Suppress("UNCHECKED_CAST")
            waiting = continuation as Continuation<Any?>
            COROUTINE_SUSPENDED
        }

    /**
     * Yields every value of [generator], and passes it everything that is sent or thrown in here.
     *
     * Closing this generator closes the other one first; an exception thrown by that is thrown here instead of the [GeneratorExit].
     *
     * Source: `yield from generator`.
     *
     * @return the result of [generator]'s body; null if it had already ended.
     */
    public suspend fun <R> yieldFrom(generator: Generator<Y, S, R>): R {
        try {
            delegate = generator
            var input: Result<S?> = Result.success(null)
            while (generator.step(input)) {
                input =
                    try {
                        Result.success(yield(generator.takeYielded()))
                    } catch (exit: GeneratorExit) {
                        generator.close()
                        throw exit
                    } catch (thrownIn: Throwable) {
                        Result.failure(thrownIn)
                    }
            }
            return generator.takeReturned()
        } finally {
            delegate = null
        }
    }

    /**
     * Yields the remaining values of [iterator].
     *
     * An exception thrown in is thrown here, and a sent value is refused, since an iterator can handle neither. Closing this generator
     * closes the iterator first, if it is [AutoCloseable].
     *
     * Source: `yield from iterator`.
     *
     * @return the value of the [StopIteration] by which the iterator ended, or null if it ended in the usual way.
     * @throws IllegalArgumentException if a value is sent.
     */
    public suspend fun yieldFrom(iterator: Iterator<Y>): Any? {
        try {
            delegate = iterator
            while (true) {
                val value =
                    try {
                        if (!iterator.hasNext()) return null
                        iterator.next()
                    } catch (stop: StopIteration) {
                        return stop.value
                    }
                val sent =
                    try {
                        yield(value)
                    } catch (exit: GeneratorExit) {
                        if (iterator is AutoCloseable) iterator.close()
                        throw exit
                    }
                require(sent == null) { "cannot send $sent: the delegate is $iterator, not a generator" }
            }
        } finally {
            delegate = null
        }
    }

    /** Yields everything in [iterable]; the same as `yieldFrom(iterable.iterator())`. */
    public suspend fun yieldFrom(iterable: Iterable<Y>): Any? = yieldFrom(iterable.iterator())
}
