// SPDX-License-Identifier: Apache-2.0
@file:JvmMultifileClass
@file:JvmName("ReactiveStreams")

package dev.simul.reactivestreams

import dev.simul.FacadeApi
import dev.simul.coroutine
import dev.simul.exceptions.CancelledException
import dev.simul.interop.awaitInBody
import dev.simul.loop.getRunningLoop
import dev.simul.wrapFuture
import org.reactivestreams.Publisher
import java.util.function.Function

/**
 * Waits for the item of [resource], a connection for example, calls [block] with it, and subscribes to what [close] publishes, whatever
 * happens; as in `usingWhen(factory.create(), { it.close() }) { connection -> … }`.
 *
 * If the waiting task is cancelled just when the item comes, nobody has it but this: it is closed, too. It has Reactor's name; compare
 * `async with`. In Java, `ReactiveStreams.usingWhen(resource, close, block)` does the same.
 *
 * @throws NoSuchElementException if [resource] has no item.
 */
@JvmSynthetic
public suspend fun <T : Any, R> usingWhen(
    resource: Publisher<T>,
    close: (T) -> Publisher<*>,
    block: suspend (T) -> R,
): R {
    val item = acquired(resource, close)
    try {
        return block(item)
    } finally {
        await(close(item))
    }
}

/** [usingWhen] for bodies in Java. */
@FacadeApi
@JvmName("usingWhen")
public fun <T : Any, R> usingWhenInBody(
    resource: Publisher<T>,
    close: Function<in T, out Publisher<*>>,
    block: Function<in T, out R>,
): R {
    val item = awaitInBody(coroutine { acquired(resource) { close.apply(it) } })
    try {
        return block.apply(item)
    } finally {
        awaitPublisherInBody(close.apply(item))
    }
}

private suspend fun <T : Any> acquired(
    resource: Publisher<T>,
    close: (T) -> Publisher<*>,
): T {
    val first = FirstItem<T> { discard(close(it)) }
    resource.subscribe(first)
    try {
        return wrapFuture(first, getRunningLoop()).await() ?: throw nothingFrom(resource)
    } catch (e: CancelledException) {
        if (first.isDone && !first.isCompletedExceptionally) first.getNow(null)?.let { discard(close(it)) }
        throw e
    }
}

/** Nobody is left to be told how it ends. */
private fun discard(closing: Publisher<*>) = closing.subscribe(FirstItem<Any>())
