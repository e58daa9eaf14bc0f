// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.StopIteration
import kotlin.coroutines.Continuation
import kotlin.coroutines.RestrictsSuspension
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn

/**
 * What the body of a [Generator] can do besides computing: yield values, of type [Y], and be sent some, of type [S].
 *
 * The body can suspend in no other way.
 */
@RestrictsSuspension
public class GeneratorScope<in Y, out S> internal constructor() {
    /** Where the body goes on; null while it runs and after it has ended. */
    internal var waiting: Continuation<Any?>? = null

    internal var yielded: Any? = null

    internal var delegate: Any? = null

    /**
     * Hands [value] to the caller and waits to be asked for the next one.
     *
     * Throws what [Generator.throwIn] throws in, and a [GeneratorExit] when the generator is closed.
     *
     * Source: `yield value`.
     *
     * @return what the caller sent, or null if it only asked for the next value.
     */
    public suspend fun yield(value: Y): S? =
        suspendCoroutineUninterceptedOrReturn { continuation ->
            yielded = value
            @Suppress("UNCHECKED_CAST")
            waiting = continuation as Continuation<Any?>
            COROUTINE_SUSPENDED
        }

    /**
     * Yields everything that [generator] yields, and hands it everything that is sent or thrown in here.
     *
     * Closing this generator closes the other one first; what that throws is thrown here in place of the
     * [GeneratorExit].
     *
     * Source: `yield from generator`.
     *
     * @return what the body of [generator] returned; null if it had ended before.
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
     * Yields everything that [iterator] has left.
     *
     * What is thrown in is thrown here, and sending a value is refused here, since an iterator can do nothing with
     * either. Closing this generator closes the iterator first, if it is [AutoCloseable].
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
