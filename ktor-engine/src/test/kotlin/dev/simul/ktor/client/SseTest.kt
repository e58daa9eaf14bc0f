// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.createTask
import dev.simul.ktor.eventually
import dev.simul.ktor.head
import dev.simul.ktor.say
import dev.simul.ktor.withPeer
import dev.simul.sync.Event
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.plugins.sse.SSE
import io.ktor.client.plugins.sse.SSEClientException
import io.ktor.client.plugins.sse.sse
import io.ktor.client.plugins.sse.sseSession
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlin.time.Duration.Companion.milliseconds

private const val STREAM = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"

private fun chunk(text: String) = "${text.length.toString(16)}\r\n$text\r\n"

class SseTest :
    FunSpec({
        test("events come one by one, in the pieces that they were sent in, and no time limit of requests counts") {
            val next = Event()
            withPeer({ reader, writer ->
                reader.head() shouldContain "text/event-stream"
                writer.say(STREAM + chunk("id: 1\nevent: a\nda") + chunk("ta: one\n\n"))
                next.wait()
                dev.simul.sleep(60.milliseconds)
                writer.say(chunk(": comment\n\ndata: two\ndata: lines\n\n"))
                writer.say("0\r\n\r\n")
                writer.close()
            }, {
                install(SSE)
                install(HttpTimeout) { requestTimeoutMillis = 30 }
            }) { client, port ->
                val events = ArrayList<String>()
                client.sse("http://127.0.0.1:$port") {
                    incoming.collect {
                        events += "${it.id} ${it.event} ${it.data}"
                        next.set()
                    }
                }
                events.filter { "null null" !in it }.map { it.replace("\r\n", "\n") } shouldBe listOf("1 a one", "1 null two\nlines")
            }
        }

        test("a session that breaks off goes on with a new connection, from the last event") {
            val heads = ArrayList<String>()
            withPeer({ reader, writer ->
                heads += reader.head()
                writer.say(STREAM + chunk("id: ${heads.size}\ndata: event ${heads.size}\n\n"))
                writer.drain()
                if (heads.size < 3) writer.close() else reader.read()
            }, {
                install(SSE) {
                    maxReconnectionAttempts = 3
                    reconnectionTime = 1.milliseconds
                }
            }) { client, port ->
                client.sse("http://127.0.0.1:$port") {
                    incoming.take(3).map { it.data }.toList() shouldBe listOf("event 1", "event 2", "event 3")
                }
                heads.map { Regex("Last-Event-ID: (.*)\r").find(it)?.groupValues?.get(1) } shouldBe listOf(null, "1", "2")
            }
        }

        test("a session that is cancelled, or whose caller is, closes its connection") {
            var ends = 0
            withPeer({ reader, writer ->
                reader.head()
                writer.say(STREAM + chunk("data: one\n\n"))
                if (reader.read().isEmpty()) ends++
                writer.close()
            }, { install(SSE) }) { client, port ->
                val session = client.sseSession("http://127.0.0.1:$port")
                session.incoming.first().data shouldBe "one"
                session.cancel()
                eventually { ends == 1 }
                val got = Event()
                val caller = createTask { client.sse("http://127.0.0.1:$port") { incoming.collect { got.set() } } }
                got.wait()
                caller.cancel()
                shouldThrow<CancellationException> { caller.await() }
                eventually { ends == 2 }
                shouldThrow<SSEClientException> { client.sse("http://127.0.0.1:$port") { error("no") } }.cause!!.message shouldBe "no"
                eventually { ends == 3 }
            }
        }

        test("an answer that is no stream of events is an exception") {
            withPeer({ reader, writer ->
                while (true) {
                    val status = if ("/500" in reader.head()) "500 No" else "200 OK"
                    writer.say("HTTP/1.1 $status\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno")
                }
            }, { install(SSE) }) { client, port ->
                shouldThrow<SSEClientException> { client.sse("http://127.0.0.1:$port/500") {} }.response!!.status.value shouldBe 500
                shouldThrow<SSEClientException> { client.sse("http://127.0.0.1:$port/text") {} }.message shouldContain "text/plain"
            }
        }
    })
