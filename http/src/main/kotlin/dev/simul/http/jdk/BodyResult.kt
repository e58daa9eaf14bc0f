// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import dev.simul.Future
import dev.simul.Task
import dev.simul.createTask
import dev.simul.http.ClientResponse
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.wrapFuture
import kotlinx.coroutines.CancellationException
import java.io.InputStream
import java.io.Reader
import java.net.http.HttpResponse.BodyHandler
import java.net.http.HttpResponse.BodySubscriber
import java.nio.channels.ReadableByteChannel
import java.util.concurrent.CompletionStage
import java.util.concurrent.Flow.Subscription
import java.util.stream.BaseStream

/** What a handler makes of the body of a response. */
internal object BodyResult {
    suspend fun <T> of(
        client: LoopHttpClient,
        info: ReceivedHead,
        response: ClientResponse,
        handler: BodyHandler<T>,
        isForLoop: Boolean,
    ): T? {
        val subscriber = handler.apply(info) ?: throw NullPointerException("the body handler has given no subscriber")
        if (JdkClasses.collects(subscriber)) {
            BodyDelivery(client.loop, response, subscriber, null).deliver()
            return resultOf(subscriber)
        }
        return if (JdkClasses.mayBlock(subscriber)) {
            stream(client, response, subscriber, client.worker, isForLoop)
        } else {
            stream(client, response, subscriber, null, isForLoop)
        }
    }

    /** A proxy has answered, whose response has no body that anybody could read. */
    suspend fun <T> ofNothing(
        client: LoopHttpClient,
        info: ReceivedHead,
        handler: BodyHandler<T>,
    ): T? {
        val subscriber = handler.apply(info)
        val signal = {
            subscriber.onSubscribe(NOTHING)
            subscriber.onComplete()
        }
        if (JdkClasses.mayBlock(subscriber)) client.worker.run(signal) else signal()
        return resultOf(subscriber)
    }

    private suspend fun <T> resultOf(subscriber: BodySubscriber<T>): T? = wrapFuture(subscriber.body).await()

    /** The result may be there before the body is: a task of its own delivers that. */
    private suspend fun <T> stream(
        client: LoopHttpClient,
        response: ClientResponse,
        subscriber: BodySubscriber<T>,
        worker: Worker?,
        isForLoop: Boolean,
    ): T? {
        val delivery = client.loop.createTask { BodyDelivery(client.loop, response, subscriber, worker).deliver() }
        val user =
            object : LoopHttpClient.Running {
                override fun abort() {
                    delivery.cancel()
                }
            }
        client.goOn(user)
        delivery.addDoneCallback {
            response.close() // If it was cancelled before it has begun.
            client.end(user)
        }
        try {
            // What maps a stream may read it at once, so this may block too.
            val stage = if (worker == null) subscriber.body else worker.run { subscriber.body }
            awaitEither(client.loop, stage, delivery)
            val result = wrapFuture(stage)
            delivery.addDoneCallback { done ->
                val failure = if (done.cancelled()) null else done.exception()
                // The subscriber was told, and has its own idea of what that means, if it has any.
                if (failure != null) client.loop.callSoon { if (!result.done()) result.setException(failure) }
            }
            val value = result.await()
            check(!isForLoop || !blocks(value)) { ResponseExchange.BLOCKING }
            return value
        } catch (e: Throwable) {
            delivery.cancel()
            throw e
        }
    }

    /**
     * Waits until [stage] is complete or [delivery] is over. As long as a body is being received, its result is not the work of another
     * thread, for which a loop on virtual time would have to wait.
     */
    private suspend fun awaitEither(
        loop: EventLoop,
        stage: CompletionStage<*>,
        delivery: Task<*>,
    ) {
        val future = stage.toCompletableFuture()
        if (future.isDone || delivery.done()) return
        val either = Future<Unit>(loop)
        val wake = { if (!either.done()) either.setResult(Unit) }
        delivery.addDoneCallback { wake() }
        future.whenComplete { _, _ ->
            if (getRunningLoopOrNull() === loop) wake() else if (!loop.isClosed) loop.callSoonThreadsafe { wake() }
        }
        try {
            either.await()
        } catch (e: CancellationException) {
            future.cancel(true)
            throw e
        }
    }

    private fun blocks(value: Any?) = value is InputStream || value is BaseStream<*, *> || value is Reader || value is ReadableByteChannel

    private val NOTHING =
        object : Subscription {
            override fun request(n: Long) = Unit

            override fun cancel() = Unit
        }
}
