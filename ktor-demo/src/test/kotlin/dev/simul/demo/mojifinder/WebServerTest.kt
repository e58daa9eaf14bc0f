// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import dev.simul.aclosing
import dev.simul.demo.Engine
import dev.simul.demo.Failure
import dev.simul.demo.LOOPBACK
import dev.simul.demo.webClient
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.ktor.client.request.get
import io.ktor.client.statement.HttpResponse
import io.ktor.client.statement.bodyAsText
import io.ktor.http.ContentType
import io.ktor.http.HttpStatusCode
import io.ktor.http.contentType
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.net.InetAddress
import java.net.ServerSocket
import dev.simul.run as runLoop

class WebServerTest :
    FunSpec({
        val index = InvertedIndex()

        /** Runs [block] with what GETs from a server, on each engine. */
        fun serve(block: suspend (get: suspend (String) -> HttpResponse) -> Unit) {
            for (engine in Engine.entries) {
                runLoop {
                    aclosing(WebServer(index, engine)) { server ->
                        val address = server.start(0).removeSuffix("/")
                        webClient(connections = 10, engine).use { client -> block { path -> client.get(address + path) } }
                    }
                }
            }
        }

        test("characters are found as JSON") {
            serve { get ->
                val response = get("/search?q=cat+HEART-shaped")
                response.status shouldBe HttpStatusCode.OK
                response.contentType()!!.withoutParameters() shouldBe ContentType.Application.Json
                response.json() shouldBe Json.parseToJsonElement("""[{"char": "😻", "name": "SMILING CAT FACE WITH HEART-SHAPED EYES"}]""")
                get("/search?q=").json() shouldBe JsonArray(emptyList())
                get("/search?q=%3Cb%3Ecat%00").json() shouldBe JsonArray(emptyList())
                get("/search?q=letter").json().jsonArray.size shouldBe index.search("letter").size
            }
        }

        test("a search without a query is refused") {
            serve { get ->
                val response = get("/search")
                response.status shouldBe HttpStatusCode.UnprocessableEntity
                response.contentType()!!.withoutParameters() shouldBe ContentType.Application.Json
                response.bodyAsText() shouldContain """"loc":["query","q"]"""
            }
        }

        test("the page and what it needs come from here, and nothing else may be loaded") {
            serve { get ->
                val types = mapOf("/" to "html", "/mojifinder.css" to "css", "/mojifinder.js" to "javascript", "/openapi.json" to "json")
                for ((path, type) in types) {
                    val response = get(path)
                    response.status shouldBe HttpStatusCode.OK
                    response.contentType()!!.contentSubtype shouldBe type
                    response.headers["X-Content-Type-Options"] shouldBe "nosniff"
                    response.headers["Content-Security-Policy"] shouldContain "default-src 'self'"
                }
                get("/favicon.ico").status shouldBe HttpStatusCode.NotFound
            }
        }

        test("the API answers as its OpenAPI document says") {
            serve { get ->
                val document = get("/openapi.json").json().jsonObject
                val paths = document.at("paths").jsonObject
                paths.keys shouldContainExactlyInAnyOrder setOf("/search")
                val operation = paths.at("/search", "get")
                operation.at("parameters").jsonArray.single().at("name").jsonPrimitive.content shouldBe "q"
                val queries = listOf("/search?q=cat", "/search?q=no+such+thing", "/search")
                val answers = queries.map { get(it) }
                for (answer in answers) {
                    val schema = operation.at("responses", "${answer.status.value}", "content", "application/json", "schema")
                    Schema(document).shouldFit(answer.json(), schema)
                }
                val statuses = answers.map { "${it.status.value}" }.toSet()
                operation.at("responses").jsonObject.keys shouldContainExactlyInAnyOrder statuses
            }
        }

        test("a port that is in use is told, and no server is left") {
            ServerSocket(0, 1, InetAddress.getByName(LOOPBACK)).use { taken ->
                for (engine in Engine.entries) {
                    runLoop {
                        aclosing(WebServer(index, engine)) { server ->
                            val failure = shouldThrow<Failure> { server.start(taken.localPort) }
                            failure.message shouldContain "cannot listen at port ${taken.localPort} of 127.0.0.1: address already in use;"
                        }
                    }
                }
            }
        }
    })

private suspend fun HttpResponse.json(): JsonElement = Json.parseToJsonElement(bodyAsText())

private fun JsonElement.at(vararg keys: String): JsonElement =
    keys.fold(this) { element, key -> withClue(keys.joinToString()) { element.jsonObject.getValue(key) } }

/** As much of JSON Schema as [document] uses. */
private class Schema(
    private val document: JsonObject,
) {
    fun shouldFit(
        value: JsonElement,
        schema: JsonElement,
    ) {
        val reference = schema.jsonObject["\$ref"]?.jsonPrimitive?.content
        if (reference != null) return shouldFit(value, document.at(*reference.removePrefix("#/").split("/").toTypedArray()))
        when (val type = schema.at("type").jsonPrimitive.content) {
            "string" -> (value as JsonPrimitive).isString shouldBe true
            "array" -> for (item in value.jsonArray) shouldFit(item, schema.at("items"))
            "object" -> shouldFitObject(value.jsonObject, schema)
            else -> error("'$type' is a type that these tests do not know: teach them")
        }
    }

    private fun shouldFitObject(
        value: JsonObject,
        schema: JsonElement,
    ) {
        val properties = schema.at("properties").jsonObject
        schema.at("additionalProperties").jsonPrimitive.boolean shouldBe false
        schema.at("required").jsonArray.map { it.jsonPrimitive.content } shouldContainExactlyInAnyOrder properties.keys
        value.keys shouldContainExactlyInAnyOrder properties.keys
        for ((name, property) in properties) shouldFit(value.getValue(name), property)
    }
}
