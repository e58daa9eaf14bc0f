// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.ktor.answer
import dev.simul.ktor.eventually
import dev.simul.ktor.head
import dev.simul.ktor.say
import dev.simul.ktor.withPeer
import dev.simul.loop.EventLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.ktor.client.HttpClient
import io.ktor.client.HttpClientConfig
import io.ktor.client.call.body
import io.ktor.client.plugins.ClientRequestException
import io.ktor.client.plugins.HttpRequestRetry
import io.ktor.client.plugins.HttpSend
import io.ktor.client.plugins.ServerResponseException
import io.ktor.client.plugins.UserAgent
import io.ktor.client.plugins.cache.HttpCache
import io.ktor.client.plugins.contentnegotiation.ContentNegotiation
import io.ktor.client.plugins.cookies.HttpCookies
import io.ktor.client.plugins.defaultRequest
import io.ktor.client.plugins.logging.LogLevel
import io.ktor.client.plugins.logging.Logger
import io.ktor.client.plugins.logging.Logging
import io.ktor.client.plugins.observer.ResponseObserver
import io.ktor.client.plugins.onDownload
import io.ktor.client.plugins.onUpload
import io.ktor.client.plugins.plugin
import io.ktor.client.request.basicAuth
import io.ktor.client.request.get
import io.ktor.client.request.post
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsBytes
import io.ktor.client.statement.bodyAsText
import io.ktor.client.statement.request
import io.ktor.http.ContentType
import io.ktor.http.content.ChannelWriterContent
import io.ktor.http.content.TextContent
import io.ktor.http.contentType
import io.ktor.serialization.ContentConvertException
import io.ktor.serialization.ContentConverter
import io.ktor.util.reflect.TypeInfo
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.readBuffer
import io.ktor.utils.io.writeFully
import kotlinx.io.readString
import java.nio.charset.Charset

/** Ktor's plugins of the client, above this engine. */
class PluginsTest :
    FunSpec({
        /** What a server was asked, over how many connections. */
        class Asked(
            val port: Int,
        ) {
            val heads = ArrayList<String>()
            val bodies = ArrayList<String>()
            var connections = 0

            fun url(path: String = "/") = "http://127.0.0.1:$port$path"
        }

        /** Runs [body] with a client and a server that gives [answer] to the requests of a number and a path. */
        fun withAnswers(
            answer: (number: Int, path: String) -> String,
            configure: HttpClientConfig<SimulClientConfig>.() -> Unit,
            body: suspend EventLoop.(HttpClient, Asked) -> Unit,
        ) {
            lateinit var asked: Asked
            withPeer({ reader, writer ->
                asked.connections++
                while (true) {
                    val head = reader.head()
                    val length = Regex("(?i)content-length: (\\d+)").find(head)?.groupValues?.get(1)?.toInt() ?: 0
                    asked.bodies += reader.readexactly(length).decodeToString()
                    asked.heads += head
                    writer.say(answer(asked.heads.size, head.split(' ')[1]))
                }
            }, configure) { client, port ->
                asked = Asked(port)
                body(client, asked)
            }
        }

        fun answer(
            status: String,
            body: String,
            vararg fields: String,
        ) = "HTTP/1.1 $status\r\n${fields.joinToString("") { "$it\r\n" }}Content-Length: ${body.length}\r\n\r\n$body"

        test("HttpCache answers from what it has, asks whether that still holds, and keeps nothing that must not be kept") {
            withAnswers({ number, path ->
                when {
                    path == "/fresh" -> answer("200 OK", "fresh $number", "Cache-Control: max-age=60")
                    path == "/tagged" && number == 2 -> answer("200 OK", "tagged", "Cache-Control: no-cache", "ETag: \"x\"")
                    path == "/tagged" -> "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\nCache-Control: no-cache\r\n\r\n"
                    else -> answer("200 OK", "kept by nobody, $number", "Cache-Control: no-store")
                }
            }, { install(HttpCache) }) { client, asked ->
                repeat(3) { client.get(asked.url("/fresh")).bodyAsText() shouldBe "fresh 1" }
                repeat(2) { client.get(asked.url("/tagged")).bodyAsText() shouldBe "tagged" }
                for (number in 4..5) client.get(asked.url()).bodyAsText() shouldBe "kept by nobody, $number"
                asked.heads.map { it.split(' ')[1] } shouldContainExactly listOf("/fresh", "/tagged", "/tagged", "/", "/")
                asked.heads[1] shouldNotContain "If-None-Match"
                asked.heads[2] shouldContain "If-None-Match: \"x\"\r\n"
                asked.connections shouldBe 1
            }
        }

        test("HttpCookies keeps cookies, each for its own paths, until they are taken away") {
            withAnswers({ _, path ->
                when (path) {
                    "/in" -> answer("200 OK", "", "Set-Cookie: a=1; Path=/", "Set-Cookie: b=2; Path=/deep")
                    "/out" -> answer("200 OK", "", "Set-Cookie: a=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
                    else -> answer("200 OK", "")
                }
            }, { install(HttpCookies) }) { client, asked ->
                for (path in listOf("/in", "/", "/deep/down", "/out", "/deep")) client.get(asked.url(path))
                val cookies = asked.heads.map { head -> head.lines().find { it.startsWith("Cookie: ") }?.removePrefix("Cookie: ") }
                cookies.map { it?.split("; ")?.sorted() } shouldContainExactly
                    listOf(null, listOf("a=1"), listOf("a=1", "b=2"), listOf("a=1"), listOf("b=2"))
            }
        }

        test("ContentNegotiation sends and receives what it has a converter for, and what cannot be converted costs no connection") {
            val type = ContentType("application", "words")
            val words =
                object : ContentConverter {
                    override suspend fun serialize(
                        contentType: ContentType,
                        charset: Charset,
                        typeInfo: TypeInfo,
                        value: Any?,
                    ) = TextContent((value as List<*>).joinToString(" "), contentType)

                    override suspend fun deserialize(
                        charset: Charset,
                        typeInfo: TypeInfo,
                        content: ByteReadChannel,
                    ): Any {
                        val text = content.readBuffer().readString()
                        if ('!' in text) throw ContentConvertException("'$text' is no list of words")
                        return text.split(' ')
                    }
                }
            withAnswers({ number, _ -> answer("200 OK", if (number == 1) "fine thank you" else "!", "Content-Type: $type") }, {
                install(ContentNegotiation) { register(type, words) }
            }) { client, asked ->
                val response =
                    client.post(asked.url()) {
                        contentType(type)
                        setBody(listOf("how", "are", "you"))
                    }
                response.body<List<String>>() shouldContainExactly listOf("fine", "thank", "you")
                asked.bodies shouldContainExactly listOf("how are you")
                asked.heads[0] shouldContain "Content-Type: $type\r\n"
                asked.heads[0] shouldContain "Accept: $type\r\n"
                repeat(2) { shouldThrow<ContentConvertException> { client.get(asked.url()).body<List<String>>() } }
                asked.connections shouldBe 1
            }
        }

        test("Logging writes down heads and bodies, which come complete nevertheless") {
            val lines = ArrayList<String>()
            val large = "x".repeat(1_000_000)
            withAnswers({ _, _ -> answer("200 OK", large, "Content-Type: text/plain") }, {
                install(Logging) {
                    level = LogLevel.ALL
                    logger =
                        object : Logger {
                            override fun log(message: String) {
                                lines += message
                            }
                        }
                }
            }) { client, asked ->
                val response = client.post(asked.url("/logged")) { setBody("what is asked") }
                response.bodyAsText() shouldBe large
                asked.bodies shouldContainExactly listOf("what is asked")
                eventually { lines.any { large in it } }
                val all = lines.joinToString("\n")
                for (part in listOf("/logged", "what is asked", "200 OK", "text/plain")) all shouldContain part
            }
        }

        test("HttpRequestRetry asks again after an error of the server, on the same connection and with the same body") {
            withAnswers({ number, _ -> if (number < 3) answer("503 Service Unavailable", "later") else answer("200 OK", "done") }, {
                install(HttpRequestRetry) {
                    retryOnServerErrors(maxRetries = 3)
                    constantDelay(1, 0)
                }
            }) { client, asked ->
                client.post(asked.url()) { setBody("again and again") }.bodyAsText() shouldBe "done"
                asked.bodies shouldContainExactly List(3) { "again and again" }
                asked.connections shouldBe 1
            }
        }

        test("expectSuccess turns errors into exceptions that have the answer, and costs no connection") {
            withAnswers({ number, _ -> answer(if (number == 1) "404 Not Found" else "500 Oh", "why $number") }, {
                expectSuccess = true
            }) { client, asked ->
                shouldThrow<ClientRequestException> { client.get(asked.url()) }.response.bodyAsText() shouldBe "why 1"
                shouldThrow<ServerResponseException> { client.get(asked.url()) }.message shouldContain "why 2"
                asked.connections shouldBe 1
            }
        }

        test("progress is told of what is sent and received, to the last byte") {
            val sent = ArrayList<Long>()
            val received = ArrayList<Long>()
            withPeer({ reader, writer ->
                reader.head()
                while ("0\r\n\r\n" !in reader.read(100_000).decodeToString()) continue
                writer.answer("x".repeat(200_000))
            }) { client, port ->
                val content = ChannelWriterContent({ repeat(10) { writeFully(ByteArray(30_000)) } }, null)
                client
                    .post("http://127.0.0.1:$port/") {
                        setBody(content)
                        onUpload { bytes, _ -> sent += bytes }
                        onDownload { bytes, length ->
                            length shouldBe 200_000
                            received += bytes
                        }
                    }.bodyAsBytes()
                    .size shouldBe 200_000
            }
            sent.last() shouldBe 300_000
            received.last() shouldBe 200_000
            for (told in listOf(sent, received)) told shouldBe told.sorted()
        }

        test("ResponseObserver gets a body of its own") {
            val observed = ArrayList<Int>()
            val body = "x".repeat(300_000)
            withAnswers({ _, _ -> answer("200 OK", body) }, {
                install(ResponseObserver) { onResponse { observed += it.bodyAsBytes().size } }
            }) { client, asked ->
                client.get(asked.url()).bodyAsText() shouldBe body
                eventually { observed.isNotEmpty() }
                observed shouldContainExactly listOf(300_000)
            }
        }

        test("defaults, a user agent, credentials and interceptors are part of what is sent") {
            withAnswers({ number, _ -> answer(if (number == 1) "401 Unauthorized" else "200 OK", "$number") }, {
                install(UserAgent) { agent = "test/1" }
                defaultRequest { headers.append("X-Default", "yes") }
            }) { client, asked ->
                client.plugin(HttpSend).intercept { request ->
                    val call = execute(request)
                    if (call.response.status.value != 401) call else execute(request.apply { basicAuth("user", "secret") })
                }
                val response = client.get(asked.url())
                response.bodyAsText() shouldBe "2"
                response.request.headers["X-Default"] shouldBe "yes"
                asked.heads[0] shouldNotContain "Authorization"
                asked.heads[1].lines() shouldContain "Authorization: Basic dXNlcjpzZWNyZXQ="
                for (head in asked.heads) {
                    head.lines() shouldContain "User-Agent: test/1"
                    head.lines() shouldContain "X-Default: yes"
                }
            }
        }
    })
