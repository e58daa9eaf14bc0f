// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.URI

class DestinationTest :
    FunSpec({
        for ((uri, expected) in DESTINATIONS) {
            test("$uri leads to $expected") {
                val destination = Destination(URI(uri))
                with(destination) { "$host $port ${if (isSecure) "TLS" else "plain"} $authority $target" } shouldBe expected
            }
        }

        for ((uri, problem) in REFUSED) {
            test("refused: $uri") { shouldThrow<IllegalArgumentException> { Destination(URI(uri)) }.message shouldContain problem }
        }

        test("an origin is a scheme, a host in any case and a port") {
            fun isSame(
                one: String,
                other: String,
            ) = Destination(URI(one)).isSameOrigin(Destination(URI(other)))
            isSame("http://a/x", "http://A:80/y?z") shouldBe true
            isSame("https://a/", "https://a:443/") shouldBe true
            isSame("http://a/", "https://a/") shouldBe false
            isSame("http://a/", "http://a:8080/") shouldBe false
            isSame("http://a/", "http://b.a/") shouldBe false
        }
    })

private val DESTINATIONS =
    listOf(
        "http://example.org" to "example.org 80 plain example.org /",
        "HTTP://example.org:80/" to "example.org 80 plain example.org /",
        "http://example.org:8080/a/b" to "example.org 8080 plain example.org:8080 /a/b",
        "https://example.org/a?b=c&d" to "example.org 443 TLS example.org /a?b=c&d",
        "https://example.org:80" to "example.org 80 TLS example.org:80 /",
        "http://example.org?q" to "example.org 80 plain example.org /?q",
        "http://example.org/a#part" to "example.org 80 plain example.org /a",
        "http://user:secret@example.org/" to "example.org 80 plain example.org /",
        "http://[::1]:8080/x" to "::1 8080 plain [::1]:8080 /x",
        "http://[fe80::1]/" to "fe80::1 80 plain [fe80::1] /",
        "http://127.0.0.1/%41%2f" to "127.0.0.1 80 plain 127.0.0.1 /%41%2f",
        "http://xn--bcher-kva.example/" to "xn--bcher-kva.example 80 plain xn--bcher-kva.example /",
        "http://a/b\u00fcch?\u00e9=\u4f60" to "a 80 plain a /b%C3%BCch?%C3%A9=%E4%BD%A0",
        "http://a//b/../c" to "a 80 plain a //b/../c",
    )

private val REFUSED =
    listOf(
        "example.org/a" to "has no scheme",
        "ftp://example.org/" to "invalid URI scheme ftp",
        "http:/a" to "names no host",
        "http:opaque" to "names no host",
        "http://b\u00fccher.example/" to "names no host",
        "http://under_score/" to "names no host",
    )
