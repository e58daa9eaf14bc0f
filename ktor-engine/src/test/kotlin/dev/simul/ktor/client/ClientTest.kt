// SPDX-License-Identifier: Apache-2.0
package dev.simul.ktor.client

import dev.simul.ktor.withCio
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.ktor.client.request.get
import io.ktor.client.statement.bodyAsText
import io.ktor.server.response.respondText
import io.ktor.server.routing.get
import io.ktor.server.routing.routing

class ClientTest :
    FunSpec({
        test("a request") {
            withCio({ routing { get("/") { call.respondText("hi") } } }) { client, port ->
                val response = client.get("http://127.0.0.1:$port/")
                response.status.value shouldBe 200
                response.bodyAsText() shouldBe "hi"
                repeat(100) { client.get("http://127.0.0.1:$port/").bodyAsText() shouldBe "hi" }
            }
        }
    })
