// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.allTasks
import dev.simul.createTask
import dev.simul.gatherResults
import dev.simul.http.HttpConnectorOptions
import dev.simul.ktor.eventually
import dev.simul.ktor.head
import dev.simul.ktor.onLoop
import dev.simul.ktor.port
import dev.simul.ktor.say
import dev.simul.sleep
import dev.simul.streams.startServer
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.client.plugins.HttpTimeout
import io.ktor.client.plugins.timeout
import io.ktor.client.request.get
import io.ktor.client.request.post
import io.ktor.client.request.prepareGet
import io.ktor.client.request.setBody
import io.ktor.client.statement.bodyAsBytes
import io.ktor.client.statement.bodyAsChannel
import io.ktor.utils.io.ByteReadChannel
import io.ktor.utils.io.readByte
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.io.File
import java.io.IOException
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

private fun openDescriptors() = File("/proc/self/fd").list()?.size

/** Many requests that end in every way, against a peer that is slow, breaks off, or resets; then nothing is left. */
class SoakTest :
    FunSpec({
        test("whatever happens to requests, nothing is left of them") {
            val random = Random(20)
            var before: Int? = null
            var good = 0
            var bad = 0
            onLoop {
                before = openDescriptors()
                val tasks = allTasks(this).size
                val server =
                    startServer("127.0.0.1", 0) { reader, writer ->
                        while (true) {
                            val head = reader.head()
                            Regex("Content-Length: (\\d+)").find(head)?.let { reader.readexactly(it.groupValues[1].toInt()) }
                            val length = random.nextInt(50_000)
                            when (random.nextInt(12)) {
                                0 -> return@startServer writer.transport.abort()
                                1 -> return@startServer writer.close()
                                2 -> sleep(random.nextInt(30).milliseconds)
                                3 -> {
                                    writer.say("HTTP/1.1 200 OK\r\nContent-Length: ${length + 1}\r\n\r\n")
                                    writer.write(ByteArray(length))
                                    return@startServer writer.close()
                                }
                            }
                            writer.say("HTTP/1.1 200 OK\r\nContent-Length: $length\r\n\r\n")
                            writer.write(ByteArray(length / 2))
                            if (random.nextInt(5) == 0) sleep(1.milliseconds)
                            writer.write(ByteArray(length - length / 2))
                            writer.drain()
                        }
                    }
                val client =
                    HttpClient(Simul) {
                        install(HttpTimeout)
                        engine { connector = HttpConnectorOptions(limit = 20) }
                    }
                val url = "http://127.0.0.1:${server.port}/"

                suspend fun request(number: Int) {
                    when (number % 5) {
                        0 -> client.get(url) { timeout { requestTimeoutMillis = 10 } }.bodyAsBytes()
                        1 -> client.post(url) { setBody(ByteArray(random.nextInt(100_000))) }.bodyAsBytes()
                        2 -> client.prepareGet(url).execute { it.bodyAsChannel().readByte() }
                        3 ->
                            client.post(url) {
                                setBody(ByteReadChannel(ByteArray(1000)))
                                timeout { socketTimeoutMillis = 5 }
                            }
                        else -> withContext(Dispatchers.Default) { client.get(url).bodyAsBytes() }
                    }
                }
                repeat(20) { round ->
                    val requests =
                        List(50) { number ->
                            createTask {
                                try {
                                    request(50 * round + number)
                                    good++
                                } catch (_: IOException) {
                                    bad++
                                } catch (_: CancellationException) {
                                    bad++
                                }
                            }
                        }
                    for (request in requests) {
                        if (random.nextInt(4) == 0) request.cancel()
                        if (random.nextInt(4) == 0) sleep(1.milliseconds)
                    }
                    gatherResults(requests).await()
                }
                client.close()
                server.close()
                server.abortClients()
                server.aclose()
                eventually { allTasks(this).size == tasks }
            }
            (good > 100 && bad > 100) shouldBe true
            onLoop { eventually { openDescriptors().let { it == null || it <= before!! } } }
        }
    })
