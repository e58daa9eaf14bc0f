// SPDX-License-Identifier: Apache-2.0
@file:JvmName("Calls")

package dev.simul.netty.grpc

import dev.simul.Task
import dev.simul.createTask
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.loop.EventLoop
import dev.simul.loop.FatalError
import dev.simul.loop.getRunningLoop
import dev.simul.wait
import io.grpc.CallOptions
import io.grpc.Channel
import io.grpc.ClientCall
import io.grpc.Metadata
import io.grpc.MethodDescriptor
import io.grpc.Status
import io.grpc.StatusRuntimeException
import kotlinx.coroutines.flow.Flow

/**
 * Calls [method] with one [request], and waits for the one response.
 *
 * Cancelling the task cancels the call, also on the server, and so does a `timeout` around it. A deadline that the server is told of is in
 * the [options], and its end is a failure with `DEADLINE_EXCEEDED`. A call made in a handler ends at the latest with the handler's own.
 *
 * The channel may be [onLoop] or any other: what it tells is passed to the loop.
 *
 * Source: `await channel.unary_unary(method)(request)` of `grpc.aio`.
 *
 * @param options the deadline, credentials and the like; their executor is not used.
 * @param metadata sent with the request.
 * @throws StatusRuntimeException if the call fails; its `trailers` are the server's.
 * @throws IllegalStateException outside a running loop.
 */
@JvmSynthetic
public suspend fun <Q : Any, R : Any> Channel.unaryUnary(
    method: MethodDescriptor<Q, R>,
    request: Q,
    options: CallOptions = CallOptions.DEFAULT,
    metadata: Metadata? = null,
): R = exchange(this, method, options, metadata) { exchange -> exchange.sendOnly(request).responses.single() }

/**
 * Calls [method] with one [request]; the generator's values are the responses. The call begins when the first one is asked for.
 *
 * The server is asked for more as they are taken, so that no more than some are held here. Closing the generator before its end cancels the
 * call, as leaving `collect` does; a `for` loop that is left leaves it open, see [dev.simul.aclosing]. For the rest, see [unaryUnary].
 *
 * Source: `async for response in channel.unary_stream(method)(request)` of `grpc.aio`.
 */
@JvmSynthetic
public fun <Q : Any, R : Any> Channel.unaryStream(
    method: MethodDescriptor<Q, R>,
    request: Q,
    options: CallOptions = CallOptions.DEFAULT,
    metadata: Metadata? = null,
): AsyncGenerator<R, Nothing> =
    asyncGenerator {
        exchange(this@unaryStream, method, options, metadata) { exchange ->
            val responses = exchange.sendOnly(request).responses
            while (true) yield(responses.next() ?: break)
        }
    }

/**
 * Calls [method] with all values of [requests], and waits for the one response.
 *
 * A task of its own collects [requests], with the caller's context variables, and each value only when there is room for it. The server
 * may answer before the last one: then that task is cancelled. If [requests] fail, the call is cancelled, and their exception thrown. For
 * the rest, see [unaryUnary].
 *
 * Source: `await channel.stream_unary(method)(request_iterator)` of `grpc.aio`.
 */
@JvmSynthetic
public suspend fun <Q : Any, R : Any> Channel.streamUnary(
    method: MethodDescriptor<Q, R>,
    requests: Flow<Q>,
    options: CallOptions = CallOptions.DEFAULT,
    metadata: Metadata? = null,
): R = exchange(this, method, options, metadata) { exchange -> exchange.sending(requests) { exchange.responses.single() } }

/**
 * Calls [method] with all values of [requests], while the generator's values are the responses. The call begins when the first one is asked
 * for.
 *
 * See [streamUnary] for the requests, and [unaryStream] for the responses.
 *
 * Source: `async for response in channel.stream_stream(method)(request_iterator)` of `grpc.aio`.
 */
@JvmSynthetic
public fun <Q : Any, R : Any> Channel.streamStream(
    method: MethodDescriptor<Q, R>,
    requests: Flow<Q>,
    options: CallOptions = CallOptions.DEFAULT,
    metadata: Metadata? = null,
): AsyncGenerator<R, Nothing> =
    asyncGenerator {
        exchange(this@streamStream, method, options, metadata) { exchange ->
            exchange.sending(requests) { while (true) yield(exchange.responses.next() ?: break) }
        }
    }

/** Starts a call and runs [block] with it; if the block does not end well, the call is cancelled. */
private inline fun <Q : Any, R : Any, T> exchange(
    channel: Channel,
    method: MethodDescriptor<Q, R>,
    options: CallOptions,
    metadata: Metadata?,
    block: (Exchange<Q, R>) -> T,
): T {
    val loop = getRunningLoop()
    val exchange =
        inCallContext {
            Exchange(loop, method, channel.newCall(method, options.withExecutor(LoopExecutor(loop)))).also { it.start(metadata) }
        }
    try {
        return block(exchange)
    } catch (e: Throwable) {
        exchange.cancel(e)
        throw e
    }
}

/** A call of a client. All that gRPC tells it comes in the loop's thread. */
internal class Exchange<Q : Any, R : Any>(
    private val loop: EventLoop,
    private val method: MethodDescriptor<Q, R>,
    private val call: ClientCall<Q, R>,
) : ClientCall.Listener<R>() {
    val responses = Inbound<R>(loop, "the responses of ${method.fullMethodName}", call::request)
    private val writable = Signal(loop, "room for the requests of ${method.fullMethodName}")

    /** gRPC changes the metadata that it sends, and the caller's are the caller's. */
    fun start(metadata: Metadata?) {
        call.start(this, Metadata().apply { metadata?.let(::merge) })
        responses.begin()
    }

    override fun onReady() = writable.fire()

    override fun onMessage(message: R) = responses.add(message)

    override fun onClose(
        status: Status,
        trailers: Metadata,
    ) = responses.end(if (status.isOk) null else status.asRuntimeException(trailers))

    /** Does nothing if the call has ended. */
    fun cancel(cause: Throwable) = call.cancel("the caller has not waited for the end: ${cause::class.simpleName}", cause)

    fun sendOnly(request: Q): Exchange<Q, R> {
        call.sendMessage(request)
        call.halfClose()
        return this
    }

    /** Runs [receive] while a task sends [requests]; no such task is left when this returns. */
    suspend inline fun <T> sending(
        requests: Flow<Q>,
        receive: () -> T,
    ): T {
        val sender = send(requests)
        try {
            return receive()
        } finally {
            sender.cancel()
            if (!sender.done()) wait(listOf(sender))
        }
    }

    /** The task that sends [requests]. Its failure is that of the call. */
    fun send(requests: Flow<Q>): Task<Unit> =
        loop.createTask("requests of ${method.fullMethodName}") {
            try {
                requests.collect { request ->
                    writable.until { call.isReady }
                    call.sendMessage(request)
                }
                call.halfClose()
            } catch (e: Throwable) {
                responses.abort(e)
                cancel(e)
                if (e is FatalError) throw e
            }
        }
}
