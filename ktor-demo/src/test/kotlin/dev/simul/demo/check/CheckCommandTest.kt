// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.check

import com.github.ajalt.clikt.testing.CliktCommandTestResult
import com.github.ajalt.clikt.testing.test
import dev.simul.demo.Demo
import dev.simul.demo.DemoProcess
import dev.simul.demo.RawServer
import dev.simul.demo.SilentServer
import dev.simul.demo.shouldRefuse
import dev.simul.demo.webClient
import dev.simul.toThread
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.doubles.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldBeEmpty
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldMatch
import io.kotest.matchers.string.shouldStartWith
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonNull
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.double
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.net.InetSocketAddress
import java.net.ProxySelector
import java.net.URI
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

class CheckCommandTest :
    FunSpec({
        test("a site that is there has its status") {
            site("200 OK").use {
                val result = check(it.base)
                result.output shouldMatch Regex("${it.base}: status -> 200 \\([0-9.]+s\\)\n")
                result.statusCode shouldBe 0
            }
        }

        test("what answers with an error, and what does not answer, is no success") {
            val nobody = site("200 OK").use { it.base }
            site("404 Not Found").use {
                for (engine in listOf("simul", "cio")) {
                    val result = check(it.base, nobody, "http://nobody.invalid/", "--engine", engine)
                    result.lines().sorted() shouldContainExactly
                        listOf("${it.base}: status -> 404", "$nobody: connection refused", "http://nobody.invalid/: unknown host").sorted()
                    result.stderr.shouldBeEmpty()
                    result.statusCode shouldBe 1
                    check(it.base, "--engine", engine).statusCode shouldBe 1
                    check(nobody, "--engine", engine).statusCode shouldBe 1
                }
            }
        }

        test("sites are reported in the order in which they answer, as soon as they do") {
            val reported = CountDownLatch(1)
            RawServer { RawServer.answer("200 OK").also { reported.await(60, TimeUnit.SECONDS) } }.use { slow ->
                site("200 OK").use { quick ->
                    val order = ArrayList<String>()
                    runLoop {
                        webClient(2).use { client ->
                            SiteCheck(client, maxRequests = 2, patience = 60.seconds).all(listOf(slow.base, quick.base)) {
                                order += it.url
                                reported.countDown()
                            }
                        }
                    }
                    order shouldBe listOf(quick.base, slow.base)
                }
            }
        }

        test("a site that is given twice is asked once") {
            site("200 OK").use { check(it.base, it.base).lines() shouldBe listOf("${it.base}: status -> 200") }
        }

        test("one request at a time is possible") {
            site("200 OK").use { one ->
                site("500 Internal Server Error").use { other ->
                    val result = check(one.base, other.base, "-m", "1")
                    result.lines() shouldBe listOf("${one.base}: status -> 200", "${other.base}: status -> 500")
                }
            }
        }

        test("redirects are followed") {
            site("204 No Content").use { target ->
                RawServer { RawServer.answer("301 Moved Permanently", headers = "Location: ${target.base}\r\n") }.use {
                    for (engine in listOf(
                        "simul",
                        "cio",
                    )) {
                        check(it.base, "--engine", engine).lines() shouldBe listOf("${it.base}: status -> 204")
                    }
                }
            }
        }

        test("a site that speaks no HTTP, or no TLS, is told") {
            val simul =
                listOf("a response begins with '2' and not with HTTP", "a response begins with '\\x1b' and not with HTTP", "TLS failed: ")
            val cio = listOf("Unsupported HTTP version: 220", "Unsupported HTTP version:  [31mEVIL", "Invalid TLS")
            for ((engine, reasons) in mapOf("simul" to simul, "cio" to cio)) {
                RawServer { "220 smtp ready\r\n".toByteArray() }.use {
                    check(it.base, "--engine", engine).lines() shouldBe listOf("${it.base}: ${reasons[0]}")
                }
                RawServer { "\u001b[31mEVIL\u0007\r\n\r\n".toByteArray() }.use {
                    check(it.base, "--engine", engine).lines() shouldBe listOf("${it.base}: ${reasons[1]}")
                }
                withSilentServer {
                    val url = it.replace("http:", "https:")
                    check(url, "--engine", engine).lines().single() shouldStartWith "$url: ${reasons[2]}"
                }
            }
        }

        test("a server that sends without end fails alone, and in one line, however little memory there is") {
            val line = "x".repeat(100)
            val tooLong = "the answer's headers are longer than 64 KB"
            val endless =
                mapOf(
                    RawServer("HTTP/1.1 200 OK\r\n", endless = "x-$line: $line\r\n") to tooLong,
                    RawServer("HTTP/1.1 200 ", endless = line) to tooLong,
                    RawServer("", endless = line) to "a response begins with 'x' and not with HTTP",
                    RawServer("", endless = "HTTP/1.1 100 Continue\r\n\r\n") to "there are more than 100 informational responses",
                    RawServer("HTTP/1.1 200 OK\r\n\r\n", endless = line) to "status -> 200",
                    RawServer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", endless = line) to "status -> 200",
                    RawServer { path -> RawServer.answer("302 Found", headers = "Location: $path\r\n") } to "too many redirects",
                    site("200 OK") to "status -> 200",
                )
            try {
                val urls = endless.keys.map { it.base }.toTypedArray()
                DemoProcess("check", *urls, jvmArguments = listOf("-Xmx24m")).use { demo ->
                    demo.rest().map { it.replace(Regex(" \\([0-9.]+s\\)"), "") }.sorted() shouldContainExactly
                        endless.map { (server, answer) -> "${server.base}: $answer" }.sorted()
                    demo.end() shouldBe 1
                    demo.complaints.shouldBeEmpty()
                }
            } finally {
                endless.keys.forEach { it.close() }
            }
        }

        test("a proxy of this machine is asked") {
            val asked = ArrayList<String>()
            RawServer { path -> RawServer.answer("203 Non-Authoritative Information").also { asked += path } }.use { proxy ->
                val before = ProxySelector.getDefault()
                ProxySelector.setDefault(ProxySelector.of(InetSocketAddress("127.0.0.1", URI(proxy.base).port)))
                try {
                    for (engine in listOf("simul", "cio")) {
                        check(
                            "http://site.invalid/page",
                            "--engine",
                            engine,
                        ).lines() shouldBe listOf("http://site.invalid/page: status -> 203")
                    }
                } finally {
                    ProxySelector.setDefault(before)
                }
            }
            asked shouldBe List(2) { "http://site.invalid/page" }
        }

        test("patience ends when the user says") {
            withSilentServer { silent ->
                for (engine in listOf("simul", "cio")) {
                    val result = check(silent, "--timeout", "0.2", "--engine", engine)
                    result.lines() shouldBe listOf("$silent: no answer within 200ms")
                    result.statusCode shouldBe 1
                }
            }
        }

        test("the result is an object for scripts, and nothing else") {
            val nobody = site("200 OK").use { it.base }
            site("200 OK").use { site ->
                val result = check(site.base, nobody, "--json")
                val json = Json.parseToJsonElement(result.stdout).jsonObject
                json["fine"] shouldBe JsonPrimitive(1)
                json["not_fine"] shouldBe JsonPrimitive(1)
                json["not_checked"] shouldBe JsonArray(emptyList())
                val sites =
                    json
                        .getValue(
                            "sites",
                        ).jsonArray
                        .associate { it.jsonObject.getValue("url").jsonPrimitive.content to it.jsonObject }
                sites.keys shouldBe setOf(site.base, nobody)
                sites.getValue(site.base).getValue("status") shouldBe JsonPrimitive(200)
                sites.getValue(site.base).getValue("reason") shouldBe JsonNull
                sites.getValue(nobody).getValue("status") shouldBe JsonNull
                sites.getValue(nobody).getValue("reason") shouldBe JsonPrimitive("connection refused")
                sites.values.forEach { it.getValue("seconds").jsonPrimitive.double shouldBeGreaterThanOrEqual 0.0 }
                result.stderr.shouldBeEmpty()
                result.statusCode shouldBe 1
            }
        }

        test("a mistake is told in one line, with its value and what to do") {
            for (url in listOf("example.org", "ftp://example.org", "http://", "http://exa mple", "//example.org", "http://h:70000", "")) {
                shouldFail("'$url' is no URL of a site: give one such as https://www.python.org", "http://127.0.0.1:1", url)
            }
            shouldFail("missing argument <url>")
            shouldFail("--engine: invalid choice: netty. (choose from simul, cio)", "http://127.0.0.1:1", "--engine", "netty")
            for (time in listOf("0.0", "-1.0", "NaN", "Infinity")) {
                shouldFail("$time is no time to wait: give more than 0 seconds", "http://127.0.0.1:1", "--timeout", time)
            }
            shouldFail("--timeout: soon is not a valid floating point value", "http://127.0.0.1:1", "--timeout", "soon")
            shouldFail("--max-req: 0 is not in the valid range of 1 to 1000", "http://127.0.0.1:1", "--max-req", "0")
        }

        test("Ctrl-C cancels what is in flight, and tells what there is").config(enabledOrReasonIf = DemoProcess.canBeInterrupted) {
            withSilentServer { silent ->
                DemoProcess("check", silent, silent.replace("silent", "hello"), "--timeout", "60").use {
                    it.line() shouldContain "status -> 200"
                    it.interrupt()
                    it.rest() shouldBe listOf("interrupted: 1 of 2 checked")
                    it.end() shouldBe 130
                    it.complaints.shouldBeEmpty()
                }
            }
        }
    })

private fun check(vararg arguments: String): CliktCommandTestResult = Demo().test("check", *arguments)

/** What is said of each site, without the times. */
private fun CliktCommandTestResult.lines(): List<String> = stdout.trim().lines().map { it.replace(Regex(" \\([0-9.]+s\\)$"), "") }

private fun site(status: String) = RawServer { RawServer.answer(status) }

/** Does [block] with a URL that is never answered. */
private fun withSilentServer(block: (url: String) -> Unit) {
    runLoop {
        val server = SilentServer()
        server.start()
        try {
            toThread { block(server.silent) }
        } finally {
            server.aclose()
        }
    }
}

private fun shouldFail(
    message: String,
    vararg arguments: String,
) = shouldRefuse(message, "check", *arguments)
