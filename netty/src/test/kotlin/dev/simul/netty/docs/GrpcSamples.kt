// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.generators.asyncGenerator
import dev.simul.netty.grpc.close
import dev.simul.netty.grpc.onLoop
import dev.simul.netty.grpc.start
import dev.simul.netty.grpc.stop
import dev.simul.netty.grpc.streamStream
import dev.simul.netty.grpc.streamStreamHandler
import dev.simul.netty.grpc.streamUnary
import dev.simul.netty.grpc.streamUnaryHandler
import dev.simul.netty.grpc.unaryStream
import dev.simul.netty.grpc.unaryStreamHandler
import dev.simul.netty.grpc.unaryUnary
import dev.simul.netty.grpc.unaryUnaryHandler
import dev.simul.queues.Queue
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.timeout
import io.grpc.CallOptions
import io.grpc.Channel
import io.grpc.ClientInterceptors
import io.grpc.Metadata
import io.grpc.MethodDescriptor
import io.grpc.MethodDescriptor.MethodType
import io.grpc.ServerServiceDefinition
import io.grpc.Status
import io.grpc.StatusRuntimeException
import io.grpc.inprocess.InProcessChannelBuilder
import io.grpc.inprocess.InProcessServerBuilder
import io.grpc.netty.NettyChannelBuilder
import io.grpc.netty.NettyServerBuilder
import io.grpc.stub.MetadataUtils
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import java.io.ByteArrayInputStream
import java.io.InputStream
import java.net.InetSocketAddress
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicReference
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to gRPC; GrpcSamplesTest runs them, the runtime's DocsTest compares.

object Text : MethodDescriptor.Marshaller<String> {
    override fun stream(text: String): InputStream = ByteArrayInputStream(text.toByteArray())

    override fun parse(stream: InputStream): String = stream.readBytes().decodeToString()
}

fun method(
    name: String,
    type: MethodType,
): MethodDescriptor<String, String> =
    MethodDescriptor
        .newBuilder(Text, Text)
        .setFullMethodName("guide.Greeter/$name")
        .setType(type)
        .build()

val greet = method("Greet", MethodType.UNARY)
val count = method("Count", MethodType.SERVER_STREAMING)
val sum = method("Sum", MethodType.CLIENT_STREAMING)
val chat = method("Chat", MethodType.BIDI_STREAMING)

suspend fun greetWorld(): String {
    val greeter =
        ServerServiceDefinition
            .builder("guide.Greeter")
            .addMethod(greet, unaryUnaryHandler { name, _ -> "Hello, $name!" })
            .build()
    val server = NettyServerBuilder.forAddress(InetSocketAddress("127.0.0.1", 0)).addService(greeter).start()
    try {
        val channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port).usePlaintext().onLoop().build()
        try {
            return channel.unaryUnary(greet, "world")
        } finally {
            channel.close()
        }
    } finally {
        server.stop(grace = 5.seconds)
    }
}

fun greeter(): ServerServiceDefinition =
    ServerServiceDefinition
        .builder("guide.Greeter")
        .addMethod(
            greet,
            unaryUnaryHandler { name, _ ->
                if (name.isEmpty()) throw Status.INVALID_ARGUMENT.withDescription("say your name").asRuntimeException()
                sleep(10.milliseconds)
                "Hello, $name!"
            },
        ).addMethod(
            count,
            unaryStreamHandler { limit, _ ->
                asyncGenerator {
                    for (number in 1..limit.toInt()) {
                        sleep(1.milliseconds)
                        yield("$number")
                    }
                }
            },
        ).addMethod(
            sum,
            streamUnaryHandler { numbers, _ ->
                var sum = 0
                for (number in numbers) sum += number.toInt()
                "$sum"
            },
        ).addMethod(
            chat,
            streamStreamHandler { lines, _ -> lines.map { line -> line.reversed() } },
        ).build()

suspend fun countTo(
    channel: Channel,
    limit: Int,
): List<Int> {
    val numbers = ArrayList<Int>()
    for (number in channel.unaryStream(count, "$limit")) numbers += number.toInt()
    return numbers
}

suspend fun firstAbove(
    channel: Channel,
    bound: Int,
): Int? =
    aclosing(channel.unaryStream(count, "1000000")) { numbers ->
        for (number in numbers) if (number.toInt() > bound) return number.toInt()
        null
    }

suspend fun sumOf(
    channel: Channel,
    limit: Int,
): Int {
    val numbers = asyncGenerator { for (number in 1..limit) yield("$number") }
    return channel.streamUnary(sum, numbers).toInt()
}

suspend fun converse(
    channel: Channel,
    lines: List<String>,
): List<String> {
    val said = Queue<String?>()
    val answers = channel.streamStream(chat, asyncGenerator { while (true) yield(said.get() ?: break) })
    val heard = ArrayList<String>()
    for (line in lines) {
        said.put(line)
        heard += answers.anext()
    }
    said.put(null)
    return heard + answers.toList()
}

suspend fun greetInTime(
    channel: Channel,
    name: String,
): String =
    try {
        timeout(1.milliseconds) { channel.unaryUnary(greet, name) }
    } catch (e: TimeoutException) {
        "no time for $name"
    }

suspend fun greetByDeadline(
    channel: Channel,
    name: String,
): String =
    try {
        channel.unaryUnary(greet, name, CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MILLISECONDS))
    } catch (e: StatusRuntimeException) {
        "${e.status.code} for $name"
    }

val user: Metadata.Key<String> = Metadata.Key.of("user", Metadata.ASCII_STRING_MARSHALLER)
val cost: Metadata.Key<String> = Metadata.Key.of("cost", Metadata.ASCII_STRING_MARSHALLER)

fun accountant(): ServerServiceDefinition =
    ServerServiceDefinition
        .builder("guide.Greeter")
        .addMethod(
            greet,
            unaryUnaryHandler { name, context ->
                context.trailingMetadata.put(cost, "${name.length} cents")
                "Hello, $name! This is on ${context.invocationMetadata[user]}."
            },
        ).build()

suspend fun greetAndPay(
    channel: Channel,
    name: String,
): List<String> {
    val trailers = AtomicReference<Metadata>()
    val capturing = ClientInterceptors.intercept(channel, MetadataUtils.newCaptureMetadataInterceptor(AtomicReference(), trailers))
    val metadata = Metadata().apply { put(user, "Ada") }
    val greeting = capturing.unaryUnary(greet, name, metadata = metadata)
    return listOf(greeting, trailers.get()[cost]!!)
}

fun testInProcess() =
    runTest {
        val server = InProcessServerBuilder.forName("greeter").directExecutor().addService(greeter()).build().start()
        val channel = InProcessChannelBuilder.forName("greeter").directExecutor().build()
        val greetings = List(3) { createTask { channel.unaryUnary(greet, "$it") } }
        check(greetings.map { it.await() } == listOf("Hello, 0!", "Hello, 1!", "Hello, 2!"))
        channel.shutdown()
        server.shutdown()
    }
