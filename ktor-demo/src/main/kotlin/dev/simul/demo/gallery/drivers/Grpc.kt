// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.drivers

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.gather
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
import dev.simul.sync.Event
import dev.simul.timeout
import io.grpc.Channel
import io.grpc.MethodDescriptor
import io.grpc.MethodDescriptor.MethodType
import io.grpc.ServerServiceDefinition
import io.grpc.Status
import io.grpc.StatusRuntimeException
import io.grpc.netty.NettyChannelBuilder
import io.grpc.netty.NettyServerBuilder
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.map
import java.io.ByteArrayInputStream
import java.io.InputStream
import java.net.InetSocketAddress
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

/** Messages are text here; protocol buffers would have marshallers and methods that are generated. */
private object Text : MethodDescriptor.Marshaller<String> {
    override fun stream(text: String): InputStream = ByteArrayInputStream(text.toByteArray())

    override fun parse(stream: InputStream): String = stream.readBytes().decodeToString()
}

private fun method(
    name: String,
    type: MethodType,
): MethodDescriptor<String, String> =
    MethodDescriptor
        .newBuilder(Text, Text)
        .setFullMethodName("Numbers/$name")
        .setType(type)
        .build()

private val square = method("Square", MethodType.UNARY)
private val count = method("Count", MethodType.SERVER_STREAMING)
private val sum = method("Sum", MethodType.CLIENT_STREAMING)
private val double = method("Double", MethodType.BIDI_STREAMING)

private fun noNumber(text: String) = Status.INVALID_ARGUMENT.withDescription("$text is no number").asRuntimeException()

private fun numbers(isCancelled: Event) =
    ServerServiceDefinition
        .builder("Numbers")
        .addMethod(
            square,
            unaryUnaryHandler { number, _ ->
                val factor = number.toIntOrNull() ?: throw noNumber(number)
                "${factor * factor}"
            },
        ).addMethod(
            count,
            unaryStreamHandler { start, _ ->
                asyncGenerator {
                    var number = start.toInt()
                    try {
                        while (true) {
                            if (number == 13) sleep(1.hours)
                            yield("${number++}")
                        }
                    } catch (e: CancelledException) {
                        println("The server, at $number, was cancelled")
                        isCancelled.set()
                        throw e
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
        ).addMethod(double, streamStreamHandler { numbers, _ -> numbers.map { "${2 * it.toInt()}" } })
        .build()

private suspend fun go(
    channel: Channel,
    isCancelled: Event,
) {
    val squares = List(10) { createTask { channel.unaryUnary(square, "$it") } }
    println("Ten calls at once: ${gather(*squares.toTypedArray()).await()}")
    try {
        channel.unaryUnary(square, "a dozen")
    } catch (e: StatusRuntimeException) {
        println(e.message)
    }

    println("The sum of a stream: ${channel.streamUnary(sum, (1..100).asFlow().map { "$it" })}")

    val asked = Queue<String?>()
    val doubles = channel.streamStream(double, asyncGenerator { while (true) yield(asked.get() ?: break) })
    for (number in listOf("1", "2", "4")) {
        asked.put(number)
        println("Twice $number is ${doubles.anext()}")
    }
    asked.put(null)
    println(doubles.anext("Both have ended"))

    try {
        timeout(1.seconds) {
            aclosing(channel.unaryStream(count, "10")) { numbers ->
                for (number in numbers) println("Counting: $number")
            }
        }
    } catch (e: TimeoutException) {
        println("The client waited no longer than a second")
    }
    isCancelled.wait()
}

internal fun grpc() =
    run {
        val isCancelled = Event()
        val server = NettyServerBuilder.forAddress(InetSocketAddress("127.0.0.1", 0)).addService(numbers(isCancelled)).start()
        val channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port).usePlaintext().onLoop().build()
        try {
            go(channel, isCancelled)
        } finally {
            channel.close()
            server.stop()
        }
    }
