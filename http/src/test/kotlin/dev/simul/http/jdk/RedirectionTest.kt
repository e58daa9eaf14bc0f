// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.maps.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient.Redirect
import java.net.http.HttpHeaders
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.time.Duration

class RedirectionTest :
    FunSpec({
        fun redirect(
            request: HttpRequest,
            status: Int,
            location: String?,
            policy: Redirect = Redirect.ALWAYS,
        ): HttpRequest? {
            val fields = if (location == null) emptyMap() else mapOf("Location" to listOf(location))
            return Redirection.following(request, status, HttpHeaders.of(fields) { _, _ -> true }, policy)
        }

        fun request(
            method: String = "GET",
            uri: String = "http://a/b/c?d",
            vararg headers: String,
        ): HttpRequest {
            val body = if (method == "GET" || method == "HEAD") BodyPublishers.noBody() else BodyPublishers.ofString("body")
            val builder = HttpRequest.newBuilder(URI(uri)).method(method, body).timeout(Duration.ofSeconds(7))
            return if (headers.isEmpty()) builder.build() else builder.headers(*headers).build()
        }

        test("of all statuses, five name another place") {
            (100..999).filter(Redirection::isRedirect) shouldBe listOf(301, 302, 303, 307, 308)
        }

        for ((case, expected) in METHODS) {
            val (status, method) = case
            test("$status after $method: $expected") {
                val next = redirect(request(method), status, "/x")!!
                "${next.method()} ${if (next.bodyPublisher().map { it.contentLength() }.orElse(
                        0,
                    ) > 0
                ) {
                    "with body"
                } else {
                    "without"
                }}" shouldBe expected
            }
        }

        for ((location, expected) in PLACES) {
            test("'$location' from http://a/b/c?d is $expected") { redirect(request(), 302, location)!!.uri().toString() shouldBe expected }
        }

        test("a response that does not say where, or says nonsense, fails") {
            for (location in listOf(null, "http://[", "ftp://a/", "mailto:a@b", "http:///x")) {
                shouldThrow<IOException> { redirect(request(), 302, location) }
            }
        }

        test("NORMAL follows from TLS to TLS, and to it, but not away from it") {
            fun uri(
                from: String,
                to: String,
            ) = redirect(request(uri = from), 302, to, Redirect.NORMAL)?.uri()
            uri("https://a/", "http://a/").shouldBeNull()
            uri("http://a/", "https://a/") shouldBe URI("https://a/")
            uri("https://a/", "https://b/") shouldBe URI("https://b/")
            uri("http://a/", "http://b/") shouldBe URI("http://b/")
            redirect(request(uri = "https://a/"), 302, "http://a/", Redirect.ALWAYS)!!.uri() shouldBe URI("http://a/")
        }

        test("credentials stay with their origin") {
            val secrets = arrayOf("Authorization", "s", "cookie", "s", "Cookie2", "s", "Proxy-Authorization", "s", "X-Other", "x")
            val given = request("GET", "https://a/", *secrets)
            redirect(given, 302, "/elsewhere")!!.headers() shouldBe given.headers()
            for (other in listOf("http://a/", "https://b/", "https://a:444/", "https://sub.a/")) {
                redirect(given, 302, other)!!.headers().map() shouldContainExactly mapOf("X-Other" to listOf("x"))
            }
        }

        test("where the body is left out, so is what describes it") {
            val given = request("POST", "http://a/", "Content-Type", "text/plain", "Content-Encoding", "gzip", "Accept", "*/*")
            redirect(given, 303, "/")!!.headers().map() shouldContainExactly mapOf("Accept" to listOf("*/*"))
            redirect(given, 307, "/")!!.headers() shouldBe given.headers()
        }

        test("time limit, version and expectation go along") {
            val given =
                HttpRequest
                    .newBuilder(URI("http://a/"))
                    .POST(BodyPublishers.ofString("x"))
                    .timeout(Duration.ofSeconds(7))
                    .version(java.net.http.HttpClient.Version.HTTP_1_1)
                    .expectContinue(true)
                    .build()
            val next = redirect(given, 308, "/")!!
            next.timeout() shouldBe given.timeout()
            next.version() shouldBe given.version()
            next.expectContinue() shouldBe true
            redirect(given, 303, "/")!!.expectContinue() shouldBe false
        }
    })

private val METHODS =
    listOf(
        (301 to "POST") to "GET without",
        (302 to "POST") to "GET without",
        (303 to "POST") to "GET without",
        (307 to "POST") to "POST with body",
        (308 to "POST") to "POST with body",
        (301 to "PUT") to "PUT with body",
        (302 to "PATCH") to "PATCH with body",
        (303 to "PUT") to "GET without",
        (303 to "DELETE") to "GET without",
        (303 to "HEAD") to "HEAD without",
        (301 to "HEAD") to "HEAD without",
        (302 to "GET") to "GET without",
        (308 to "DELETE") to "DELETE with body",
    )

private val PLACES =
    listOf(
        "/x" to "http://a/x",
        "x" to "http://a/b/x",
        "?x" to "http://a/b/?x",
        "../x" to "http://a/x",
        "//b/x" to "http://b/x",
        "http://b:8080" to "http://b:8080",
        "https://b/#part" to "https://b/#part",
        "HTTPS://b/" to "HTTPS://b/",
    )
