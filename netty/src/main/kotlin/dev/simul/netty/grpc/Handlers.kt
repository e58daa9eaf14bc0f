// SPDX-License-Identifier: Apache-2.0
@file:JvmName("Handlers")

package dev.simul.netty.grpc

import dev.simul.generators.AsyncGenerator
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import io.grpc.ServerCallHandler
import kotlinx.coroutines.flow.Flow

/**
 * Answers each call with what [handler] makes of the one request; for `ServerServiceDefinition.Builder.addMethod(method, handler)`.
 *
 * Each call is a task of [loop], with a copy of the context variables of the moment in which this function is called. If the client cancels
 * the call, is gone, or its deadline passes, the task is cancelled. What the handler throws, the client gets as follows: a
 * `StatusRuntimeException` or `StatusException` as it is, with its trailers; a cancellation as `CANCELLED`; anything else as `UNKNOWN`, with
 * no word of what it was, which the loop's exception handler is told instead. (The failure of a call that the handler makes is a
 * `StatusRuntimeException`, too: catch it if the client must not see it.)
 *
 * The server may be one that [start] started on the loop, or any other: what that tells is passed to the loop.
 *
 * Source: `grpc.unary_unary_rpc_method_handler(behavior)`, whose behavior is a coroutine function.
 *
 * @throws IllegalStateException outside a running loop, unless there is a [loop].
 */
@JvmSynthetic
public fun <Q : Any, R : Any> unaryUnaryHandler(
    loop: EventLoop = getRunningLoop(),
    handler: suspend (request: Q, context: ServicerContext) -> R,
): ServerCallHandler<Q, R> = handling(loop) { it.send(handler(it.requests.single(), it.context)) }

/**
 * Answers each call with the values of the flow that [handler] makes of the one request.
 *
 * The flow, which may be an asynchronous generator, is collected in the call's task, each value only when there is room for it. See
 * [unaryUnaryHandler].
 *
 * Source: `grpc.unary_stream_rpc_method_handler(behavior)`, whose behavior is an asynchronous generator.
 */
@JvmSynthetic
public fun <Q : Any, R : Any> unaryStreamHandler(
    loop: EventLoop = getRunningLoop(),
    handler: suspend (request: Q, context: ServicerContext) -> Flow<R>,
): ServerCallHandler<Q, R> = handling(loop) { it.send(handler(it.requests.single(), it.context)) }

/**
 * Answers each call with what [handler] makes of the requests, a generator that asks the client for more as they are taken.
 *
 * It may answer without having taken all of them. See [unaryUnaryHandler].
 *
 * Source: `grpc.stream_unary_rpc_method_handler(behavior)`.
 */
@JvmSynthetic
public fun <Q : Any, R : Any> streamUnaryHandler(
    loop: EventLoop = getRunningLoop(),
    handler: suspend (requests: AsyncGenerator<Q, Nothing>, context: ServicerContext) -> R,
): ServerCallHandler<Q, R> = handling(loop) { it.send(handler(it.requests.asGenerator(), it.context)) }

/**
 * Answers each call with the values of the flow that [handler] makes of the requests, as they come.
 *
 * See [unaryStreamHandler] for the responses, and [streamUnaryHandler] for the requests.
 *
 * Source: `grpc.stream_stream_rpc_method_handler(behavior)`.
 */
@JvmSynthetic
public fun <Q : Any, R : Any> streamStreamHandler(
    loop: EventLoop = getRunningLoop(),
    handler: suspend (requests: AsyncGenerator<Q, Nothing>, context: ServicerContext) -> Flow<R>,
): ServerCallHandler<Q, R> = handling(loop) { it.send(handler(it.requests.asGenerator(), it.context)) }
