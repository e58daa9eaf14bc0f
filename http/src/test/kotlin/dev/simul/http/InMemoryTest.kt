// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.ServerOptions
import dev.simul.sleep
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.nio.ByteBuffer
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime

/** Clients and servers of this module on a network in memory, on virtual time. */
class InMemoryTest :
    FunSpec({
        val get = RequestHead("GET", "/", Headers.of("Host" to "slow.test"))

        test("a slow server answers hours later, at once") {
            val network = MemoryNetwork()
            network.addHost("slow.test")
            measureTime {
                runTest(network) {
                    val loop = getRunningLoop()
                    val server =
                        loop.createHttpServer("slow.test", 80) {
                            sleep(1.hours)
                            it.respond(ResponseHead(200), ByteBuffer.wrap("${it.request.target} at ${loop.time()}".toByteArray()))
                        }
                    loop.openHttpConnection("slow.test", 80).use { connection ->
                        connection.request(get).body.read().decodeToString() shouldBe "/ at 1h"
                        connection.request(get).body.read().decodeToString() shouldBe "/ at 2h"
                    }
                    loop.openHttpConnection("slow.test", 80).use { connection ->
                        shouldThrow<TimeoutException> { timeout(1.minutes) { connection.request(get) } }
                    }
                    loop.time() shouldBe 2.hours + 1.minutes
                    server.abortClients()
                    server.aclose()
                }
            } shouldBeLessThan 10.seconds
        }

        test("bodies larger than what is in transit stream through many connections") {
            runTest(MemoryNetwork()) {
                val loop = getRunningLoop()
                val size = 300_000
                val server =
                    loop.createHttpServer("127.0.0.1", 80) {
                        val content = it.body.read()
                        val writer = it.respondStreaming(ResponseHead(200), size.toLong())
                        repeat(3) { part -> writer.write(ByteBuffer.wrap(content, part * size / 3, size / 3)) }
                        writer.finish()
                    }
                val post = RequestHead("POST", "/", Headers.of("Host" to "x"))
                List(20) { number ->
                    createTask {
                        val content = ByteArray(size) { (it * number).toByte() }
                        loop.openHttpConnection("127.0.0.1", 80).use { connection ->
                            connection.request(post, RequestBody.of(content)).body.read().contentEquals(content) shouldBe true
                        }
                    }
                }.forEach { it.await() }
                server.aclose()
            }
        }
    })
