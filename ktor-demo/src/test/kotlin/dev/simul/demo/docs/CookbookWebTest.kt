// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.docs

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.facade.Asyncio
import dev.simul.facade.VirtualClock
import dev.simul.ktor.client.Simul
import dev.simul.queues.Queue
import dev.simul.sleep
import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.ktor.client.HttpClient
import io.ktor.http.ContentType
import io.ktor.server.engine.EmbeddedServer
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import java.net.URI
import java.time.Duration
import kotlin.time.Duration.Companion.seconds
import dev.simul.facade.Queue as JavaQueue
import dev.simul.ktor.server.Simul as SimulServer

class CookbookWebTest :
    FunSpec({
        test("what one member of a room says, all hear, in Kotlin") {
            runTest(MemoryNetwork()) {
                val server = room()
                val heard = listOf(mutableListOf<String>(), mutableListOf())
                val said = Queue<String>()
                val members = heard.map { createTask { chat("ws://127.0.0.1/chat", said) { text -> it += text } } }
                sleep(1.seconds)
                for (word in listOf("one", "two")) said.put(word)
                sleep(1.seconds)
                for (member in members) {
                    member.cancel()
                    shouldThrow<CancelledException> { member.await() }
                }
                for (words in heard) words.sorted() shouldContainExactly listOf("one", "two")
                server.stop()
            }
        }

        test("what one member of a room says, all hear, in Java") {
            VirtualClock.runTest(MemoryNetwork()) {
                val server = room()
                val heard = listOf(mutableListOf<String>(), mutableListOf())
                val said = JavaQueue<String>()
                val client = Asyncio.newHttpClient()
                val members =
                    heard.map { words ->
                        Asyncio.createTask<Unit> {
                            CookbookSamplesWebInJava.chat(client, URI("ws://127.0.0.1/chat"), said) { words += it }
                        }
                    }
                Asyncio.await(Asyncio.sleep(Duration.ofSeconds(1)))
                for (word in listOf("one", "two")) said.putNowait(word)
                Asyncio.await(Asyncio.sleep(Duration.ofSeconds(1)))
                for (words in heard) words.sorted() shouldContainExactly listOf("one", "two")
                server.stop()
                for (member in members) Asyncio.await(member)
            }
        }

        test("a crawl goes so deep, to so many pages, with so many calls to a host, in Kotlin") {
            runTest(MemoryNetwork()) {
                val site = Site()
                HttpClient(Simul).use { client ->
                    site.verify { depth, maxPages -> crawl(client, START, depth, maxPages) }
                }
                site.stop()
            }
        }

        test("a crawl goes so deep, to so many pages, with so many calls to a host, in Java") {
            VirtualClock.runTest(MemoryNetwork()) {
                val site = Site()
                val client = Asyncio.newHttpClient()
                site.verify { depth, maxPages -> CookbookSamplesWebInJava.crawl(client, START, depth, maxPages) }
                site.stop()
            }
        }
    })

private val START = URI("http://127.0.0.1/0")

private fun room(): EmbeddedServer<*, *> = embeddedServer(SimulServer, host = "127.0.0.1", port = 80) { chatRoom() }.start()

/** Page n links to itself, to page 0, to 2n + 1 and 2n + 2, to something else than a page, and to a server that is not there. */
private class Site {
    private var running = 0
    private var most = 0
    private val asked = mutableListOf<Int>()
    private val server =
        embeddedServer(SimulServer, host = "127.0.0.1", port = 80) {
            routing {
                get("/{number}") {
                    most = maxOf(most, ++running)
                    val number = call.parameters["number"]!!.toInt()
                    asked += number
                    sleep(1.seconds)
                    running--
                    val pages = listOf(number, 0, 2 * number + 1, 2 * number + 2)
                    val links = pages.map { "/$it#top" } + listOf("mailto:ada@example.org", "not^one", "http://127.0.0.1:81/$number")
                    call.respondText(links.joinToString(" ") { """<a href="$it">""" }, ContentType.Text.Html)
                }
            }
        }.start()

    /** Inline, so that it may be given code that suspends, and bodies of Java. */
    inline fun verify(crawl: (depth: Int, maxPages: Int) -> Map<URI, String>) {
        verifyDepth(crawl(2, 100))
        verifyMany(crawl(10, 5))
    }

    private fun verifyDepth(pages: Map<URI, String>) {
        pages.filterValues { it.isNotEmpty() }.keys.map { it.path } shouldContainExactlyInAnyOrder List(7) { "/$it" }
        pages.filterValues { it.isEmpty() }.keys.map { it.port }.toSet() shouldBe setOf(81)
        asked shouldContainExactlyInAnyOrder List(7) { it }
        most shouldBe 2
        asked.clear()
    }

    private fun verifyMany(pages: Map<URI, String>) {
        pages.size shouldBe 5
        asked.size shouldBeLessThanOrEqual 5
    }

    fun stop() = server.stop()
}
