// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.soak

import dev.simul.Future
import dev.simul.http.Headers
import dev.simul.http.HttpServer
import dev.simul.http.ResponseHead
import dev.simul.http.ServerExchange
import dev.simul.http.createHttpServer
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionHandler
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import java.io.IOException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

private val OK = ResponseHead(200)

/** The servers of the soak: one in order, one with little room, and one that speaks HTTP by hand, and rudely. */
internal class SoakServer(
    private val loop: EventLoop,
    private val plan: SoakPlan,
) {
    private lateinit var good: HttpServer
    private lateinit var crowded: HttpServer
    private lateinit var rude: Server

    /** Handlers that run now. */
    private var handling = 0

    /** What was reported to the loop's exception handler, and should not have been. */
    val reports = ArrayList<String>()
    var answered = 0
        private set
    var most = 0
        private set

    /** Where the servers are, in the order of the class comment. */
    val ports get() = (listOf(good.addresses, crowded.addresses) + listOf(rude.addresses)).map { (it.single() as InetSocketAddress).port }

    suspend fun start() {
        loop.exceptionHandler =
            ExceptionHandler { _, report ->
                val isBroken = report.exception is IOException && "client_connected_cb" in report.message
                // A server has more connections than its clients, while it closes old ones: there may be too many for a while.
                val isFull = "out of system resource" in report.message
                val isMeant = report.exception is MeantException || isBroken || isFull
                if (!isMeant) reports += "${report.message}: ${report.exception?.stackTraceToString()}"
            }
        val options = ServerOptions(backlog = 4096)
        good = loop.createHttpServer(HOST, 0, options, plan.server) { handle(it) }
        crowded = loop.createHttpServer(HOST, 0, options, plan.crowded) { handle(it) }
        rude = startServer(HOST, 0, options = options) { reader, writer -> misbehave(reader, writer) }
    }

    /** Ends everything in order; what is left then is told. */
    suspend fun stop(): List<String> {
        rude.close()
        rude.abortClients()
        rude.waitClosed()
        good.shutdown(5.seconds, 5.seconds)
        crowded.shutdown(5.seconds, 5.seconds)
        val left = good.connections + crowded.connections
        return listOfNotNull("$left connections are left".takeIf { left > 0 }, "$handling handlers are left".takeIf { handling > 0 })
    }

    private suspend fun handle(exchange: ServerExchange) {
        most = maxOf(most, good.connections)
        handling++
        try {
            answer(exchange, Ask.of(exchange.request.target))
            answered++
        } finally {
            handling--
        }
    }

    private suspend fun answer(
        exchange: ServerExchange,
        ask: Ask,
    ) {
        val random = Random(ask.start)
        when (ask.kind) {
            "plain" -> exchange.respond(OK, ask.content)
            "last" -> exchange.respond(ResponseHead(200, Headers.of("Connection" to "close")), ask.content)
            "late" -> {
                sleep(random.nextInt(10).milliseconds)
                exchange.respond(OK, ask.content)
            }
            "take" -> {
                val isRight = ByteBuffer.wrap(exchange.body.read()) == ask.content
                val trailer = exchange.body.trailers["X-End"] ?: "none"
                exchange.respond(ResponseHead(if (isRight) 200 else 500, Headers.of("X-Trailer" to trailer)))
            }
            "echo" -> echo(exchange)
            "slow" -> {
                val writer = exchange.respondStreaming(OK, ask.size.toLong())
                inPieces(ask.content, random, { sleep(random.nextInt(3).milliseconds) }) { writer.write(it) }
                writer.finish()
            }
            "chunks" -> {
                val writer = exchange.respondStreaming(OK)
                inPieces(ask.content, random, { }) { writer.write(it) }
                writer.finish(Headers.of("X-End" to "${ask.size}"))
            }
            "short" -> {
                val writer = exchange.respondStreaming(OK, ask.size + 1L)
                writer.write(ask.content)
            }
            "short-chunks" -> exchange.respondStreaming(OK).write(ask.content)
            "reset" -> {
                (exchange.getExtraInfo("socket") as SocketChannel).setOption(StandardSocketOptions.SO_LINGER, 0)
                exchange.respondStreaming(OK, ask.size + 1L).write(ask.content)
            }
            "flood" -> {
                val writer = exchange.respondStreaming(OK)
                repeat(FLOOD) { writer.write(Pattern.view(0, SoakPlan.LARGE)) }
                writer.finish()
            }
            "hold" -> Future<Unit>(loop).await()
            "fail" -> throw MeantException()
            else -> exchange.respond(ResponseHead(404))
        }
    }

    private suspend fun echo(exchange: ServerExchange) {
        val writer = exchange.respondStreaming(OK)
        val buffer = ByteBuffer.allocate(16 * 1024)
        while (exchange.body.read(buffer.clear()) >= 0) writer.write(buffer.flip())
        writer.finish(exchange.body.trailers)
    }

    private suspend fun misbehave(
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        try {
            val head = reader.readuntil("\r\n\r\n".toByteArray()).decodeToString()
            misbehave(Ask.of(head.split(' ')[1]), reader, writer)
        } finally {
            writer.close()
        }
    }

    private suspend fun misbehave(
        ask: Ask,
        reader: StreamReader,
        writer: StreamWriter,
    ) {
        val head = "HTTP/1.1 200 OK\r\nContent-Length: ${ask.size}\r\n\r\n".toByteArray()
        val content = ByteArray(ask.size).also { ask.content.get(it) }
        when (ask.kind) {
            "bye" -> writer.write(head + content)
            "bye-reset" -> {
                writer.write(head + content)
                sleep(Random(ask.start).nextInt(2).milliseconds)
                writer.reset()
            }
            "reset-middle" -> {
                writer.write(head + content.copyOf(ask.size / 2))
                writer.reset()
            }
            "middle" -> writer.write(head + content.copyOf(ask.size / 2))
            "nothing" -> return
            "garbage" -> writer.write("What do you want?\r\n\r\n".toByteArray())
            "twice" -> {
                writer.write(head + content)
                writer.write(head + content)
            }
            "until-end" -> {
                writer.write("HTTP/1.1 200 OK\r\n\r\n".toByteArray() + content)
                writer.writeEof()
                reader.read()
            }
            "drip" -> {
                for (byte in head + content) {
                    writer.write(byteArrayOf(byte))
                    sleep(if (byte.toInt() % 16 == 0) 1.milliseconds else 0.milliseconds)
                }
            }
            "deaf" -> {
                writer.transport.pauseReading()
                sleep(plan.patience)
                writer.reset()
            }
            "mute" -> reader.read()
        }
        writer.drain()
    }

    override fun toString(): String = "<SoakServer at $ports>"

    private class MeantException : RuntimeException("this handler fails")

    companion object {
        const val HOST = "127.0.0.1"

        /** How often a large body is sent to one who may not read: more than the system takes for it. */
        private const val FLOOD = 100
    }
}
