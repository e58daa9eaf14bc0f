// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.FacadeApi
import dev.simul.facade.AsyncIterable
import dev.simul.facade.Future
import dev.simul.interop.bodyOf
import io.grpc.CallOptions
import io.grpc.Channel
import io.grpc.ManagedChannel
import io.grpc.Metadata
import io.grpc.MethodDescriptor
import io.grpc.Server
import io.grpc.ServerCallHandler
import io.grpc.netty.NettyChannelBuilder
import io.grpc.netty.NettyServerBuilder
import java.time.Duration
import kotlin.time.toKotlinDuration

/**
 * gRPC on the running loop, for Java; Kotlin has functions of this package.
 *
 * ```java
 * Server server = await(start(NettyServerBuilder.forPort(0).addService(greeter)));
 * ManagedChannel channel = onLoop(NettyChannelBuilder.forAddress("127.0.0.1", server.getPort()).usePlaintext()).build();
 * String answer = await(unaryUnary(channel, GREET, "world"));
 * ```
 *
 * All of it is for bodies and callbacks of a loop; elsewhere it throws an [IllegalStateException].
 */
@OptIn(FacadeApi::class)
public object GrpcOnLoop {
    /**
     * Lets the channels of [builder] live on the loop: connections and timers are the loop's, all calls of gRPC come in its thread, and names
     * are looked up by the loop's resolver. Use them in the loop only, and [close] them before it closes.
     *
     * Source: `grpc.aio.insecure_channel(target)`, `grpc.aio.secure_channel(target, credentials)`.
     */
    @JvmStatic
    public fun onLoop(builder: NettyChannelBuilder): NettyChannelBuilder = builder.onLoop()

    /** Lets the servers of [builder] live on the loop; [start] does this by itself. Source: `grpc.aio.server()`. */
    @JvmStatic
    public fun onLoop(builder: NettyServerBuilder): NettyServerBuilder = builder.onLoop()

    /**
     * Builds a server on the loop and starts it; cancelling the future stops it again.
     *
     * Source: `await server.start()`.
     *
     * @return fails with an [java.io.IOException] if it cannot listen at its address.
     */
    @JvmStatic
    public fun start(builder: NettyServerBuilder): Future<Server> = begun { builder.start() }

    /**
     * Stops [server]: it accepts no more calls, and waits for those that there are, but no longer than [grace]; then it cancels them. Null
     * means that it does so at once. It is done when the last connection is closed; cancelling it cancels the calls at once.
     *
     * Source: `await server.stop(grace)`.
     */
    @JvmStatic
    @JvmOverloads
    public fun stop(
        server: Server,
        grace: Duration? = null,
    ): Future<Void?> =
        begun {
            server.stop(grace?.toKotlinDuration())
            null
        }

    /** Closes [channel], as [stop] does a server. Source: `await channel.close(grace)`. */
    @JvmStatic
    @JvmOverloads
    public fun close(
        channel: ManagedChannel,
        grace: Duration? = null,
    ): Future<Void?> =
        begun {
            channel.close(grace?.toKotlinDuration())
            null
        }

    /**
     * Calls [method] with one [request]; the result is the one response. The call begins at once, and cancelling the future, or the task that
     * awaits it, cancels it, also on the server.
     *
     * Source: `await channel.unary_unary(method)(request)` of `grpc.aio`.
     *
     * @param options the deadline, credentials and the like; their executor is not used.
     * @param metadata sent with the request.
     * @return fails with a [io.grpc.StatusRuntimeException] if the call fails; its `trailers` are the server's.
     */
    @JvmStatic
    @JvmOverloads
    public fun <Q : Any, R : Any> unaryUnary(
        channel: Channel,
        method: MethodDescriptor<Q, R>,
        request: Q,
        options: CallOptions = CallOptions.DEFAULT,
        metadata: Metadata? = null,
    ): Future<R> = begun { channel.unaryUnary(method, request, options, metadata) }

    /**
     * Calls [method] with one [request]; the items are the responses. The call begins when the first one is asked for, and closing the
     * iterable before its end cancels it.
     *
     * The server is asked for more as they are taken, so that no more than some are held here.
     *
     * Source: `async for response in channel.unary_stream(method)(request)` of `grpc.aio`.
     */
    @JvmStatic
    @JvmOverloads
    public fun <Q : Any, R : Any> unaryStream(
        channel: Channel,
        method: MethodDescriptor<Q, R>,
        request: Q,
        options: CallOptions = CallOptions.DEFAULT,
        metadata: Metadata? = null,
    ): AsyncIterable<R> = GeneratorInJava(channel.unaryStream(method, request, options, metadata))

    /**
     * Calls [method] with all [requests]; the result is the one response. The call begins at once.
     *
     * The requests are taken in a body of their own, each one when there is room for it, and closed at the end if they can be closed; an
     * asynchronous generator may await between them. The server may answer before the last one. If they fail, the call is cancelled, and
     * their exception thrown.
     *
     * Source: `await channel.stream_unary(method)(request_iterator)` of `grpc.aio`.
     */
    @JvmStatic
    @JvmOverloads
    public fun <Q : Any, R : Any> streamUnary(
        channel: Channel,
        method: MethodDescriptor<Q, R>,
        requests: Iterable<Q>,
        options: CallOptions = CallOptions.DEFAULT,
        metadata: Metadata? = null,
    ): Future<R> = begun { channel.streamUnary(method, generatorOfBody { requests }, options, metadata) }

    /**
     * Calls [method] with all [requests], while the items are the responses. The call begins when the first one is asked for.
     *
     * See [streamUnary] for the requests, and [unaryStream] for the responses.
     *
     * Source: `async for response in channel.stream_stream(method)(request_iterator)` of `grpc.aio`.
     */
    @JvmStatic
    @JvmOverloads
    public fun <Q : Any, R : Any> streamStream(
        channel: Channel,
        method: MethodDescriptor<Q, R>,
        requests: Iterable<Q>,
        options: CallOptions = CallOptions.DEFAULT,
        metadata: Metadata? = null,
    ): AsyncIterable<R> = GeneratorInJava(channel.streamStream(method, generatorOfBody { requests }, options, metadata))

    /**
     * Answers each call with what [handler] makes of the one request; for `ServerServiceDefinition.Builder.addMethod(method, handler)`.
     *
     * Each call is a task of the loop, and the handler its body, with a copy of the context variables of this moment. If the client cancels
     * the call, is gone, or its deadline passes, the task is cancelled. What the handler throws, the client gets as follows: a
     * `StatusRuntimeException` or `StatusException` as it is, with its trailers; a cancellation as `CANCELLED`; anything else as `UNKNOWN`,
     * with no word of what it was, which the loop's exception handler is told instead.
     *
     * Source: `grpc.unary_unary_rpc_method_handler(behavior)`.
     */
    @JvmStatic
    public fun <Q : Any, R : Any> unaryUnaryHandler(handler: UnaryUnary<Q, R>): ServerCallHandler<Q, R> =
        dev.simul.netty.grpc.unaryUnaryHandler { request, context -> bodyOf { handler.handle(request, context) }.await() }

    /**
     * Answers each call with the items of what [handler] makes of the one request: a list, or an asynchronous generator.
     *
     * They are taken in the handler's body, each one when there is room for it, and closed at the end if they can be closed. See
     * [unaryUnaryHandler].
     *
     * Source: `grpc.unary_stream_rpc_method_handler(behavior)`.
     */
    @JvmStatic
    public fun <Q : Any, R : Any> unaryStreamHandler(handler: UnaryStream<Q, R>): ServerCallHandler<Q, R> =
        dev.simul.netty.grpc.unaryStreamHandler { request, context -> generatorOfBody { handler.handle(request, context) } }

    /**
     * Answers each call with what [handler] makes of the requests, which it awaits in a `for` loop; the client is asked for more as they are
     * taken. It may answer without having taken all of them. See [unaryUnaryHandler].
     *
     * Source: `grpc.stream_unary_rpc_method_handler(behavior)`.
     */
    @JvmStatic
    public fun <Q : Any, R : Any> streamUnaryHandler(handler: StreamUnary<Q, R>): ServerCallHandler<Q, R> =
        dev.simul.netty.grpc.streamUnaryHandler { requests, context ->
            bodyOf { handler.handle(GeneratorInJava(requests), context) }.await()
        }

    /**
     * Answers each call with the items of what [handler] makes of the requests, as they come.
     *
     * See [unaryStreamHandler] for the responses, and [streamUnaryHandler] for the requests.
     *
     * Source: `grpc.stream_stream_rpc_method_handler(behavior)`.
     */
    @JvmStatic
    public fun <Q : Any, R : Any> streamStreamHandler(handler: StreamStream<Q, R>): ServerCallHandler<Q, R> =
        dev.simul.netty.grpc.streamStreamHandler { requests, context ->
            generatorOfBody { handler.handle(GeneratorInJava(requests), context) }
        }

    /** Answers one request with one response. */
    public fun interface UnaryUnary<Q : Any, R : Any> {
        /** Returns the response; it runs in a body, and may await. */
        @Throws(Exception::class)
        public fun handle(
            request: Q,
            context: ServicerContext,
        ): R
    }

    /** Answers one request with a stream of responses. */
    public fun interface UnaryStream<Q : Any, R : Any> {
        /** Returns the responses; it runs in a body, and may await. */
        @Throws(Exception::class)
        public fun handle(
            request: Q,
            context: ServicerContext,
        ): Iterable<R>
    }

    /** Answers a stream of requests with one response. */
    public fun interface StreamUnary<Q : Any, R : Any> {
        /** Returns the response; it runs in a body, and may await. */
        @Throws(Exception::class)
        public fun handle(
            requests: AsyncIterable<Q>,
            context: ServicerContext,
        ): R
    }

    /** Answers a stream of requests with a stream of responses. */
    public fun interface StreamStream<Q : Any, R : Any> {
        /** Returns the responses; it runs in a body, and may await. */
        @Throws(Exception::class)
        public fun handle(
            requests: AsyncIterable<Q>,
            context: ServicerContext,
        ): Iterable<R>
    }
}
