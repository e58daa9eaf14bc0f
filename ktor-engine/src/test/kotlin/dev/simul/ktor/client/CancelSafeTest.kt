// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.ktor.answer
import dev.simul.ktor.head
import dev.simul.ktor.port
import dev.simul.ktor.say
import dev.simul.net.Server
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.startServer
import dev.simul.testing.CancelOptions
import dev.simul.testing.checkCancelSafe
import io.kotest.core.spec.style.FunSpec
import io.ktor.client.HttpClient
import io.ktor.client.HttpClientConfig
import io.ktor.client.plugins.sse.SSE
import io.ktor.client.plugins.sse.sse
import io.ktor.client.request.get
import io.ktor.client.request.post
import io.ktor.client.request.prepareGet
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsBytes
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.http.content.OutgoingContent
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.readByte
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.flow.collect
import java.io.IOException

/** Each kind of request, cancelled in each turn. */
class CancelSafeTest :
    FunSpec({
        fun check(
            serve: suspend (StreamReader, StreamWriter) -> Unit,
            configure: HttpClientConfig<SimulClientConfig>.() -> Unit = {},
            program: suspend (HttpClient, String) -> Unit,
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
        ) { server -> HttpClient(Simul, configure).use { program(it, "http://127.0.0.1:${server.port}/") } }

        test("a request, and one on a connection that was kept") {
            check({ reader, writer ->
                repeat(2) {
                    reader.head()
                    writer.answer()
                }
            }) { client, url -> repeat(2) { client.get(url).bodyAsText() } }
        }

        test("a body that is streamed to the server, and one from it") {
            val body =
                object : OutgoingContent.WriteChannelContent() {
                    override suspend fun writeTo(channel: ByteWriteChannel) =
                        repeat(3) {
                            channel.writeFully(ByteArray(10_000))
                            channel.flush()
                        }
                }
            check({ reader, writer ->
                reader.head()
                reader.readuntil("0\r\n\r\n".toByteArray())
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n")
                repeat(4) {
                    writer.write(ByteArray(50_000))
                    writer.drain()
                }
            }) { client, url -> client.post(url) { setBody(body) }.bodyAsBytes() }
        }

        test("a body that is not read to its end") {
            check({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nhi")
            }) { client, url -> client.prepareGet(url).execute { it.bodyAsChannel().readByte() } }
        }

        test("a session of events") {
            check({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\ndata: two\n\n")
                writer.close()
            }, { install(SSE) }) { client, url -> client.sse(url) { incoming.collect {} } }
        }
    })
