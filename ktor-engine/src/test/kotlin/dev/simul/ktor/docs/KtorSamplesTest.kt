// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.docs

import dev.simul.testing.network.MemoryNetwork
import dev.simul.testing.runTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import io.ktor.server.engine.embeddedServer
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing
import dev.simul.ktor.server.Simul as SimulServer

class KtorSamplesTest :
    FunSpec({
        test("the titles of pages") {
            runTest(MemoryNetwork()) {
                val server =
                    embeddedServer(SimulServer, host = "127.0.0.1", port = 80) {
                        routing { get("/{name}") { call.respondText("<title>Page ${call.parameters["name"]}</title>") } }
                    }
                server.start()
                titles(listOf("http://127.0.0.1/a", "http://127.0.0.1/b")) shouldBe listOf("Page a", "Page b")
                server.stop()
            }
        }

        test("a patient client") {
            runTest(MemoryNetwork()) {
                val server = embeddedServer(SimulServer, host = "127.0.0.1", port = 80) { ticker() }
                server.start()
                patientClient().use { it.get("http://127.0.0.1/").bodyAsText() shouldBe "up" }
                server.stop()
            }
        }

        test("a WebSocket that shouts") {
            runTest(MemoryNetwork()) {
                val server = embeddedServer(SimulServer, host = "127.0.0.1", port = 80) { shouting() }
                server.start()
                shout("ws://127.0.0.1/shout", listOf("one", "two")) shouldBe listOf("ONE", "TWO")
                server.stop()
            }
        }

        test("a ticker on virtual time") { `a ticker takes three seconds`() }
    })
