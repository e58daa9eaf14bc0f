// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.FacadeApi
import dev.simul.coroutine
import dev.simul.createTask
import dev.simul.facade.AsyncIterable
import dev.simul.facade.Asyncio
import dev.simul.facade.Future
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.generators.toPublisher
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loop.getRunningLoop
import dev.simul.toCompletableFuture
import java.util.concurrent.Flow.Publisher

/** What [block] does, as a task that begins at once. */
internal fun <T> begun(block: suspend () -> T): Future<T> =
    Asyncio.wrapFuture(getRunningLoop().createTask(eagerStart = true, coroutine = block).toCompletableFuture())

/** Java's view of [generator]. */
@OptIn(FacadeApi::class)
internal class GeneratorInJava<T : Any>(
    private val generator: AsyncGenerator<T, Nothing>,
) : AsyncIterable<T> {
    override fun iterator(): MutableIterator<T> =
        object : MutableIterator<T> {
            private val items = generator.iterator()
            private var isAhead = false

            override fun hasNext(): Boolean {
                if (!isAhead) isAhead = awaitInBody(coroutine { items.hasNext() })
                return isAhead
            }

            override fun next(): T {
                if (!hasNext()) throw NoSuchElementException("the generator has ended")
                isAhead = false
                return items.next()
            }

            override fun remove() = throw UnsupportedOperationException("what has come over the network cannot be removed")
        }

    override fun anext(): Future<T> = begun { generator.anext() }

    override fun anext(defaultItem: T): Future<T> = begun { generator.anext(defaultItem) }

    override fun aclose(): Future<Void?> =
        begun {
            generator.aclose()
            null
        }

    override fun toPublisher(): Publisher<T> = generator.toPublisher()

    override fun toString(): String = generator.toString()
}

/** A generator of what [items] returns; a body calls it and goes through that, and at the end closes it if it can be closed. */
@OptIn(FacadeApi::class)
internal fun <T : Any> generatorOfBody(items: () -> Iterable<T>): AsyncGenerator<T, Nothing> =
    asyncGenerator {
        bodyOf {
            val all = items()
            try {
                for (item in all) awaitInBody(coroutine { yield(item) })
            } finally {
                if (all is AutoCloseable) all.close()
            }
        }.await()
    }
