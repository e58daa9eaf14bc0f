// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.createTask
import dev.simul.http.BadMessageException
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpLimits
import dev.simul.ktor.answer
import dev.simul.ktor.eventually
import dev.simul.ktor.head
import dev.simul.ktor.say
import dev.simul.ktor.withCio
import dev.simul.ktor.withPeer
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.sync.Event
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.ktor.client.HttpClient
import io.ktor.client.call.body
import io.ktor.client.request.forms.formData
import io.ktor.client.request.forms.submitForm
import io.ktor.client.request.forms.submitFormWithBinaryData
import io.ktor.client.request.get
import io.ktor.client.request.header
import io.ktor.client.request.post
import io.ktor.client.request.prepareGet
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsBytes
import io.ktor.client.statement.bodyAsChannel
import io.ktor.client.statement.bodyAsText
import io.ktor.http.ContentType
import io.ktor.http.Headers
import io.ktor.http.HttpHeaders
import io.ktor.http.content.OutgoingContent
import io.ktor.http.content.OutputStreamContent
import io.ktor.http.headersOf
import io.ktor.http.parametersOf
import io.ktor.server.request.receive
import io.ktor.server.request.receiveParameters
import io.ktor.server.request.receiveText
import io.ktor.server.response.respondBytes
import io.ktor.server.response.respondText
import io.ktor.server.routing.post
import io.ktor.server.routing.routing
import io.ktor.util.GZipEncoder
import io.ktor.utils.io.ByteChannel
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.ByteWriteChannel
import io.ktor.utils.io.cancel
import io.ktor.utils.io.readAvailable
import io.ktor.utils.io.readBuffer
import io.ktor.utils.io.readLine
import io.ktor.utils.io.toByteArray
import io.ktor.utils.io.writeFully
import io.ktor.utils.io.writeStringUtf8
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import kotlinx.io.readByteArray
import java.io.ByteArrayOutputStream
import java.util.zip.GZIPOutputStream
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

private const val MIB = 1024 * 1024

private val SIZES = listOf(0, 1, 4095, 4096, 4097, 8175, 8192, 65_535, 65_536, 65_537, MIB + 1)

/** The body of a request in chunks, and the fields that follow it. */
private suspend fun StreamReader.chunks(): Pair<String, String> {
    val body = StringBuilder()
    while (true) {
        val size = readuntil("\r\n".toByteArray()).decodeToString().trim().toInt(16)
        if (size == 0) break
        body.append(readexactly(size).decodeToString())
        readexactly(2)
    }
    val trailers = StringBuilder()
    while (true) trailers.append(readuntil("\r\n".toByteArray()).decodeToString().ifBlank { null } ?: break)
    return body.toString() to trailers.toString()
}

private fun writing(
    length: Long? = null,
    trailers: Headers? = null,
    block: suspend (ByteWriteChannel) -> Unit,
) = object : OutgoingContent.WriteChannelContent() {
    override val contentLength = length

    override fun trailers() = trailers

    override suspend fun writeTo(channel: ByteWriteChannel) = block(channel)
}

private fun reading(channel: ByteReadChannel) =
    object : OutgoingContent.ReadChannelContent() {
        override fun readFrom() = channel
    }

class BodiesTest :
    FunSpec({
        test("bodies of any size come back as they were sent, however they are sent and read") {
            withCio({ routing { post("/") { call.respondBytes(call.receive<ByteArray>()) } } }) { client, port ->
                for (size in SIZES) {
                    val content = Random(size).nextBytes(size)

                    suspend fun echoOf(body: Any) = client.post("http://127.0.0.1:$port") { setBody(body) }
                    echoOf(content).bodyAsBytes() shouldBe content
                    echoOf(ByteReadChannel(content)).body<ByteArray>() shouldBe content
                    echoOf(writing { it.writeFully(content) }).bodyAsBytes() shouldBe content
                    echoOf(writing(size.toLong()) { it.writeFully(content) }).bodyAsBytes() shouldBe content
                    echoOf(content.inputStream()).bodyAsBytes() shouldBe content
                    echoOf(OutputStreamContent({ write(content) }, ContentType.Application.OctetStream)).bodyAsBytes() shouldBe content
                    echoOf(content).bodyAsChannel().toByteArray() shouldBe content
                }
            }
        }

        test("forms, also of several parts") {
            withCio({
                routing {
                    post("/form") { call.respondText(call.receiveParameters()["user"]!!) }
                    post("/parts") { call.respondText(call.receiveText()) }
                }
            }) { client, port ->
                val url = "http://127.0.0.1:$port"
                client.submitForm("$url/form", parametersOf("user", "me & you")).bodyAsText() shouldBe "me & you"
                val parts =
                    client
                        .submitFormWithBinaryData(
                            "$url/parts",
                            formData {
                                append("text", "hello")
                                append("file", ByteArray(100_000) { 'x'.code.toByte() }, headersOf(HttpHeaders.ContentType, "image/png"))
                            },
                        ).bodyAsText()
                parts shouldContain "name=\"text\""
                parts shouldContain "x".repeat(100_000)
            }
        }

        test("a body of unknown length goes in chunks, with trailers; one that closes its channel itself does too") {
            withPeer({ reader, writer ->
                while (true) {
                    val head = reader.head()
                    head shouldContain "Transfer-Encoding: chunked"
                    head shouldNotContain "Content-Length"
                    val (body, trailers) = reader.chunks()
                    writer.answer("$body|${trailers.trim()}")
                }
            }) { client, port ->
                for (closes in listOf(false, true)) {
                    val body =
                        writing(trailers = headersOf("X-Sum", "7")) {
                            it.writeStringUtf8("one ")
                            it.flush()
                            it.writeStringUtf8("two")
                            if (closes) it.flushAndClose()
                        }
                    client.post("http://127.0.0.1:$port") { setBody(body) }.bodyAsText() shouldBe "one two|X-Sum: 7"
                }
            }
        }

        test("a body that fails, or that does not have its length, fails the request, and the server never takes it for a whole one") {
            var whole = 0
            withPeer({ reader, writer ->
                val head = reader.head()
                if ("chunked" in head) reader.chunks() else reader.readexactly(4)
                whole++
                writer.answer()
            }) { client, port ->
                val url = "http://127.0.0.1:$port"
                val broken = ByteChannel().also { it.writeStringUtf8("ab") }
                val bodies =
                    listOf(
                        writing {
                            it.writeStringUtf8("ab")
                            it.flush()
                            error("no more")
                        },
                        writing(4) {
                            it.writeStringUtf8("ab")
                            it.flush()
                            error("no more")
                        },
                        reading(ByteChannel().also { it.cancel(IllegalStateException("no more")) }),
                        reading(broken),
                    )
                createTask {
                    broken.flush()
                    sleep(20.milliseconds)
                    broken.cancel(IllegalStateException("no more"))
                }
                for (body in bodies) {
                    val failure = shouldThrow<Exception> { client.post(url) { setBody(body) } }
                    generateSequence<Throwable>(failure) { it.cause }.any { it.message == "no more" } shouldBe true
                }
                shouldThrow<IllegalStateException> { client.post(url) { setBody(writing(4) { it.writeStringUtf8("abc") }) } }
                    .message shouldContain "1 bytes are missing"
                shouldThrow<IllegalStateException> { client.post(url) { setBody(writing(4) { it.writeStringUtf8("abcde") }) } }
                    .message shouldContain "longer than the Content-Length"
                whole shouldBe 0
            }
        }

        test("a server that does not read keeps the body where it is") {
            val written = LongArray(1)
            val reads = Event()
            withPeer({ reader, writer ->
                reader.head()
                reads.wait()
                reader.chunks()
                writer.answer()
            }) { client, port ->
                val body =
                    writing {
                        val piece = ByteArray(64 * 1024)
                        repeat(64 * 16) { _ ->
                            it.writeFully(piece)
                            it.flush()
                            written[0] += piece.size.toLong()
                        }
                    }
                val posted = createTask { client.post("http://127.0.0.1:$port") { setBody(body) }.bodyAsText() }
                var before = -1L
                while (before != written[0]) {
                    before = written[0]
                    sleep(50.milliseconds)
                }
                written[0] shouldBeLessThan 16L * MIB
                posted.cancel()
                shouldThrow<CancellationException> { posted.await() }
                reads.set()
            }
        }

        test("a client that does not read keeps the server waiting, and what is read slowly comes complete") {
            var sent = 0
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: ${32 * MIB}\r\n\r\n")
                val piece = ByteArray(64 * 1024) { 'x'.code.toByte() }
                repeat(32 * 16) {
                    writer.write(piece)
                    writer.drain()
                    sent += piece.size
                }
            }) { client, port ->
                client.prepareGet("http://127.0.0.1:$port").execute { response ->
                    val channel = response.bodyAsChannel()
                    var before = -1
                    while (before != sent) {
                        before = sent
                        sleep(50.milliseconds)
                    }
                    sent shouldBeLessThan 16 * MIB
                    val buffer = ByteArray(32 * 1024)
                    var received = 0L
                    while (true) {
                        val count = channel.readAvailable(buffer).takeIf { it >= 0 } ?: break
                        received += count
                        if (received < MIB) sleep(1.milliseconds)
                    }
                    received shouldBe 32L * MIB
                }
            }
        }

        test("a body is streamed while the answer comes") {
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                while (true) {
                    val size = reader.readuntil("\r\n".toByteArray()).decodeToString().trim().toInt(16)
                    val chunk = reader.readexactly(size + 2)
                    writer.say("${size.toString(16)}\r\n${chunk.decodeToString()}")
                    if (size == 0) break
                }
            }) { client, port ->
                val ping = ByteChannel()
                ping.writeStringUtf8("0\n")
                ping.flush()
                client.preparePost("http://127.0.0.1:$port", ping).execute { response ->
                    val pong = response.bodyAsChannel()
                    for (turn in 0..99) {
                        pong.readLine() shouldBe "$turn"
                        ping.writeStringUtf8("${turn + 1}\n")
                        ping.flush()
                    }
                    pong.readLine() shouldBe "100"
                    ping.flushAndClose()
                    pong.readLine() shouldBe null
                }
            }
        }

        test("a server that has enough ends the body, whose source is cancelled") {
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
            }) { client, port ->
                val source = ByteChannel()
                source.writeStringUtf8("a")
                source.flush()
                val response = client.post("http://127.0.0.1:$port") { setBody(reading(source)) }
                response.status.value shouldBe 413
                response.bodyAsText() shouldBe "no"
                eventually { source.closedCause != null }
            }
        }

        test("Expect: 100-continue waits for the server's word, for its refusal, or for a second") {
            withPeer({ reader, writer ->
                while (true) {
                    val head = reader.head()
                    head shouldContain "Expect: 100-continue"
                    val path = head.substringAfter('/').substringBefore(' ')
                    if (path == "refuse") {
                        writer.say("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n")
                        reader.read().size shouldBe 0
                        return@withPeer
                    }
                    if (path == "continue") writer.say("HTTP/1.1 100 Continue\r\n\r\n")
                    reader.readexactly(5)
                    writer.answer()
                }
            }, { engine { connector = HttpConnectorOptions(expectContinueTimeout = 50.milliseconds) } }) { client, port ->
                suspend fun post(
                    path: String,
                    body: Any,
                ) = client.post("http://127.0.0.1:$port/$path") {
                    header(HttpHeaders.Expect, "100-continue")
                    setBody(body)
                }
                for (body in listOf("hello", ByteArray(5), reading(ByteReadChannel("hello")))) {
                    // Only bodies whose length is known are counted by the peer.
                    val counted = if (body is OutgoingContent) writing(5) { it.writeStringUtf8("hello") } else body
                    post("continue", counted).bodyAsText() shouldBe "hi"
                    post("refuse", counted).status.value shouldBe 417
                    post("silent", counted).bodyAsText() shouldBe "hi"
                }
            }
        }

        test("a reader that is cancelled loses nothing: another goes on where it was") {
            val more = Event()
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel")
                more.wait()
                writer.say("lo bye!")
            }) { client, port ->
                client.prepareGet("http://127.0.0.1:$port").execute { response ->
                    val channel = response.bodyAsChannel()
                    val buffer = ByteArray(10)
                    channel.readAvailable(buffer) shouldBe 3
                    withTimeoutOrNull(20) { channel.readAvailable(buffer) } shouldBe null
                    withContext(Dispatchers.IO) { withTimeoutOrNull(20) { channel.readAvailable(buffer) } } shouldBe null
                    more.set()
                    channel.toByteArray().decodeToString() shouldBe "lo bye!"
                }
            }
        }

        test("a block that ends, fails or cancels before the end of the body closes the connection at once") {
            var closed = 0
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nhi")
                try {
                    reader.read()
                } finally {
                    closed++
                }
            }) { client, port ->
                val get = client.prepareGet("http://127.0.0.1:$port")
                get.execute {}
                eventually { closed == 1 }
                shouldThrow<IllegalStateException> { get.execute { error("no") } }.message shouldBe "no"
                eventually { closed == 2 }
                get.execute { it.bodyAsChannel().cancel() }
                eventually { closed == 3 }
                shouldThrow<IllegalStateException> { get.body<ByteReadChannel, Unit> { error("no") } }.message shouldBe "no"
                eventually { closed == 4 }
                withTimeoutOrNull(50) { client.get("http://127.0.0.1:$port").bodyAsBytes() } shouldBe null
                eventually { closed == 5 }
            }
        }

        test("a body that expands beyond measure is expanded as far as it is read, and no further") {
            val bomb =
                ByteArrayOutputStream()
                    .also {
                        GZIPOutputStream(it).use { zip ->
                            repeat(64) { zip.write(ByteArray(MIB)) }
                        }
                    }.toByteArray()
            var isClosed = false
            withPeer({ reader, writer ->
                reader.head()
                writer.say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
                repeat(10_000) {
                    writer.say("${bomb.size.toString(16)}\r\n")
                    writer.write(bomb)
                    writer.say("\r\n")
                    writer.drain()
                }
            }) { client, port ->
                client.prepareGet("http://127.0.0.1:$port").execute { response ->
                    val expanded = GZipEncoder.decode(response.bodyAsChannel(), coroutineContext = response.coroutineContext)
                    expanded.readBuffer(100_000L).readByteArray().size shouldBe 100_000
                    expanded.cancel(null)
                }
                isClosed = true
            }
            isClosed shouldBe true
        }

        test("the limit of a body counts what is received, and not what that expands to") {
            val bomb = ByteArrayOutputStream().also { GZIPOutputStream(it).use { zip -> zip.write(ByteArray(MIB)) } }.toByteArray()
            for (limit in listOf(bomb.size, bomb.size - 1)) {
                withPeer({ reader, writer ->
                    reader.head()
                    writer.say(
                        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n${bomb.size.toString(16)}\r\n",
                    )
                    writer.write(bomb)
                    writer.say("\r\n0\r\n\r\n")
                }, { engine { connector = HttpConnectorOptions(limits = HttpLimits(body = limit.toLong())) } }) { client, port ->
                    val asked = client.prepareGet("http://127.0.0.1:$port")
                    val expanding: suspend () -> Int = {
                        asked.execute { response ->
                            GZipEncoder
                                .decode(
                                    response.bodyAsChannel(),
                                    coroutineContext = response.coroutineContext,
                                ).readBuffer()
                                .readByteArray()
                                .size
                        }
                    }
                    if (limit == bomb.size) {
                        expanding() shouldBe MIB
                    } else {
                        shouldThrow<BadMessageException> { expanding() }.message shouldContain "more than $limit bytes"
                    }
                }
            }
        }
    })

private suspend fun HttpClient.preparePost(
    url: String,
    source: ByteReadChannel,
) = prepareGet(url) {
    method = io.ktor.http.HttpMethod.Post
    setBody(reading(source))
}
