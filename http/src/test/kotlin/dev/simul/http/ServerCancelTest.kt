// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.testing.CancelOptions
import dev.simul.testing.checkCancelSafe
import dev.simul.wait
import io.kotest.core.spec.style.FunSpec
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Wherever the task that serves is cancelled, nothing is left: no connection, timer, task or descriptor. */
class ServerCancelTest :
    FunSpec({
        val options = CancelOptions(virtualTime = false)

        /** Serves a client that says [request]s, in one task; the client goes with it. */
        suspend fun serveOne(
            requests: String,
            handler: suspend (ServerExchange) -> Unit,
        ) {
            val server = getRunningLoop().createHttpServer("127.0.0.1", 0, handler = handler)
            try {
                val (reader, writer) = openConnection("127.0.0.1", (server.addresses.single() as InetSocketAddress).port)
                try {
                    writer.write(requests.toByteArray())
                    reader.read()
                } finally {
                    writer.transport.abort()
                }
            } finally {
                server.shutdown(0.milliseconds, 0.milliseconds)
            }
        }

        val last = "Host: x\r\nConnection: close\r\n"

        test("a plain request") {
            checkCancelSafe(
                options,
            ) { serveOne("GET / HTTP/1.1\r\n$last\r\n") { it.respond(ResponseHead(200), ByteBuffer.wrap(it.body.read())) } }
        }

        test("a body in chunks, read and answered in pieces") {
            checkCancelSafe(options) {
                serveOne("POST / HTTP/1.1\r\n${last}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n") {
                    val writer = it.respondStreaming(ResponseHead(200))
                    val buffer = ByteBuffer.allocate(2)
                    while (it.body.read(buffer.clear()) >= 0) writer.write(buffer.flip())
                    writer.finish()
                }
            }
        }

        test("a client that waits to be asked") {
            checkCancelSafe(options) {
                serveOne("POST / HTTP/1.1\r\n${last}Expect: 100-continue\r\nContent-Length: 3\r\n\r\nabc") {
                    it.respond(ResponseHead(200), ByteBuffer.wrap(it.body.read()))
                }
            }
        }

        test("an upgraded connection") {
            checkCancelSafe(options) {
                serveOne("CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\nab") {
                    val (reader, writer) = it.upgrade(ResponseHead(200))
                    val buffer = ByteBuffer.allocate(2)
                    reader.read(buffer)
                    writer.write(buffer.flip())
                    writer.finish()
                }
            }
        }

        test("a bad request") {
            checkCancelSafe(options) { serveOne("GET / HTTP/1.1\r\n\r\n") { it.respond(ResponseHead(200)) } }
        }

        test("a shutdown with a handler that does not end by itself") {
            checkCancelSafe(options) {
                val server =
                    getRunningLoop().createHttpServer("127.0.0.1", 0) {
                        sleep(100.seconds)
                    }
                val client =
                    createTask {
                        val (reader, writer) = openConnection("127.0.0.1", (server.addresses.single() as InetSocketAddress).port)
                        try {
                            writer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".toByteArray())
                            reader.read()
                        } finally {
                            writer.transport.abort()
                        }
                    }
                try {
                    sleep(1.milliseconds)
                } finally {
                    server.shutdown(2.milliseconds)
                    client.cancel()
                    wait(listOf(client))
                }
            }
        }
    })
