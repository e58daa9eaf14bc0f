// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.net.Server
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.testing.CancelOptions
import dev.simul.testing.checkCancelSafe
import io.kotest.core.spec.style.FunSpec
import java.io.IOException
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.milliseconds

/** Each kind of request by hand, cancelled in each turn. */
class ConnectorCancelTest :
    FunSpec({
        val get = RequestHead("GET", "/", Headers.of("Host" to "x"))
        val post = RequestHead("POST", "/", Headers.of("Host" to "x"))

        suspend fun StreamReader.head() = readuntil("\r\n\r\n".toByteArray()).decodeToString()

        fun StreamWriter.say(text: String) = write(text.toByteArray())

        fun check(
            serve: suspend (StreamReader, StreamWriter) -> Unit,
            program: suspend (HttpConnector, HttpRoute) -> Unit,
        ) = checkCancelSafe<Server>(
            setUp = {
                startServer("127.0.0.1", 0) { reader, writer ->
                    try {
                        serve(reader, writer)
                        reader.read()
                    } catch (_: IOException) {
                        // The client has gone.
                    } finally {
                        writer.close()
                    }
                }
            },
            check = { it.aclose() },
            options = CancelOptions(virtualTime = false),
        ) { server ->
            val options = HttpConnectorOptions(limit = 1, expectContinueTimeout = 5.milliseconds)
            HttpConnector(options = options).use { connector ->
                program(connector, HttpRoute("127.0.0.1", (server.addresses.single() as InetSocketAddress).port))
            }
        }

        val parts =
            object : RequestBody() {
                override suspend fun writeTo(writer: BodyWriter) = repeat(3) { writer.write(ByteBuffer.allocate(10_000)) }
            }

        test("requests, the second on a connection that was kept") {
            check({ reader, writer ->
                repeat(2) {
                    reader.head()
                    writer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                }
            }) { connector, route -> repeat(2) { connector.request(route, get).use { it.body.read() } } }
        }

        test("a request that is repeated, since its connection was closed just then") {
            var connections = 0
            check({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                if (connections++ % 2 == 0) {
                    reader.head()
                    writer.close()
                }
            }) { connector, route ->
                connections = 0
                repeat(2) { connector.request(route, get).use { it.body.read() } }
            }
        }

        test("a body that is streamed while the answer comes, read piece by piece") {
            check({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
                reader.readuntil("0\r\n\r\n".toByteArray())
                repeat(2) {
                    writer.write(ByteArray(50_000))
                    writer.drain()
                }
            }) { connector, route ->
                connector.request(route, post, parts).use { response ->
                    val buffer = ByteBuffer.allocate(10_000)
                    while (response.body.readAvailable(buffer.clear()) >= 0) response.body.awaitAvailable()
                }
            }
        }

        test("a body that waits to be asked for") {
            check({ reader, writer ->
                reader.head()
                reader.readexactly(5)
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            }) { connector, route ->
                val head = RequestHead("POST", "/", Headers.of("Host" to "x", "Expect" to "100-continue"))
                connector.request(route, head, RequestBody.of("hello".toByteArray())).close()
            }
        }

        test("a tunnel through a proxy, and an upgrade") {
            check({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\n\r\n")
                reader.head()
                writer.say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\nhello")
                writer.write(reader.read(3))
            }) { connector, peer ->
                val route = HttpRoute("example.org", 80, proxy = HttpProxy(peer.host, peer.port, tunnels = true))
                val response = connector.request(route, get)
                try {
                    response.writer!!.write(ByteBuffer.wrap("bye".toByteArray()))
                    val all = ByteBuffer.allocate(8)
                    while (all.hasRemaining()) response.body.read(all)
                } finally {
                    response.abort()
                }
            }
        }
    })
