// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.sleep
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.taskGroup
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/** Many clients at once, each in pieces of its own and leaving in its own way. */
class RandomClientsTest :
    FunSpec({
        fun request(
            body: String,
            inChunks: Boolean,
        ): String {
            val head = "POST /${body.length} HTTP/1.1\r\nHost: x\r\n"
            if (!inChunks) return "${head}Content-Length: ${body.length}\r\n\r\n$body"
            val chunks = body.chunked(7).joinToString("") { "${it.length.toString(16)}\r\n$it\r\n" }
            return "${head}Transfer-Encoding: chunked\r\n\r\n${chunks}0\r\n\r\n"
        }

        /** Sends [text] in pieces of any size, some at once and some turns later. */
        suspend fun StreamWriter.send(
            text: String,
            random: Random,
        ) {
            var rest = text
            while (rest.isNotEmpty()) {
                val size = random.nextInt(1, 40)
                write(rest.take(size).toByteArray())
                rest = rest.drop(size)
                repeat(random.nextInt(3)) { sleep(Duration.ZERO) }
            }
        }

        fun StreamWriter.reset() {
            (getExtraInfo("socket") as SocketChannel).setOption(StandardSocketOptions.SO_LINGER, 0)
            transport.abort()
        }

        test("each gets its answers, whatever the others do, and nothing is left of any") {
            val seed = Random.nextInt()
            val reports = ArrayList<ExceptionContext>()
            onLoop {
                exceptionHandler = ExceptionHandler { _, report -> reports += report }
                val server =
                    createHttpServer("127.0.0.1", 0, http = HttpServerOptions(sendDate = false)) {
                        val body = it.body.read()
                        if (body.size % 3 == 0) sleep(1.milliseconds)
                        it.respond(ResponseHead(200), ByteBuffer.wrap(body))
                    }
                val port = (server.addresses.single() as InetSocketAddress).port
                taskGroup { group ->
                    repeat(200) { number ->
                        group.createTask {
                            val random = Random(seed + number)
                            val (reader, writer) = openConnection("127.0.0.1", port)
                            val bodies = List(random.nextInt(1, 6)) { "b".repeat(random.nextInt(120)) }
                            val requests = bodies.joinToString("") { request(it, inChunks = random.nextBoolean()) }
                            if (number % 4 == 0) {
                                // Leaves in the middle of what it says.
                                try {
                                    writer.send(requests.take(random.nextInt(requests.length)), random)
                                } catch (_: IOException) {
                                    // The server has answered what was wrong, and closed.
                                }
                                if (random.nextBoolean()) writer.reset() else writer.close()
                            } else {
                                val sending = group.createTask { writer.send(requests, random) }
                                for (body in bodies) {
                                    val expected = "HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n$body"
                                    reader.readexactly(expected.length).decodeToString() shouldBe expected
                                }
                                sending.await()
                                writer.close()
                            }
                        }
                    }
                }
                while (server.connections > 0) sleep(1.milliseconds)
                server.aclose()
            }
            reports.map { "$seed: $it" }.shouldBeEmpty()
        }
    })
