// SPDX-License-Identifier: Apache-2.0
package dev.simul.http.jdk

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import java.net.PasswordAuthentication
import java.net.URI
import java.util.Base64

class ChallengeTest :
    FunSpec({
        for ((value, expected) in CHALLENGES) {
            test("'$value'") {
                Challenge
                    .parse(
                        listOf(value),
                    ).map { listOf(it.scheme, it.realm) + if (it.isUtf8) listOf("UTF-8") else emptyList() } shouldBe expected
            }
        }

        test("several headers have the challenges of all") {
            Challenge.parse(listOf("Digest realm=a", "Basic realm=b")).map { it.scheme } shouldBe listOf("Digest", "Basic")
        }

        test("names and passwords are ISO 8859-1, or UTF-8 where the server wants that") {
            fun decoded(
                isUtf8: Boolean,
                charset: java.nio.charset.Charset,
            ): String {
                val value = basicCredentials(PasswordAuthentication("j\u00f6rg", "p:\u00e4".toCharArray()), isUtf8)
                return Base64.getDecoder().decode(value.removePrefix("Basic ")).toString(charset)
            }
            decoded(false, Charsets.ISO_8859_1) shouldBe "j\u00f6rg:p:\u00e4"
            decoded(true, Charsets.UTF_8) shouldBe "j\u00f6rg:p:\u00e4"
        }

        test("accepted credentials are for the paths below, at their origin") {
            val accepted = AcceptedCredentials()

            fun at(uri: String) = accepted.forServer(Destination(URI(uri)))
            accepted.accepted(Destination(URI("http://a/docs/index?q")), "one")
            at("http://a/docs/") shouldBe "one"
            at("http://a/docs/x/y?z") shouldBe "one"
            at("http://a/docs").shouldBeNull()
            at("http://a/docs/../secret").shouldBeNull()
            at("http://a/").shouldBeNull()
            at("https://a/docs/").shouldBeNull()
            at("http://a:81/docs/").shouldBeNull()
            accepted.accepted(Destination(URI("http://a")), "two")
            at("http://a/any") shouldBe "two"
            accepted.refused(Destination(URI("http://a/docs/x")))
            at("http://a/docs/").shouldBeNull()
            at("http://a/").shouldBeNull()
        }

        for ((type, expected) in CHARSETS) {
            test("the charset of '$type' is $expected") { charsetOf(type).name() shouldBe expected }
        }
    })

private val CHALLENGES =
    listOf(
        "Basic" to listOf(listOf("Basic", null)),
        "Basic realm=\"a b\"" to listOf(listOf("Basic", "a b")),
        "basic REALM=simple" to listOf(listOf("basic", "simple")),
        "Basic realm = \"x\" , charset=\"utf-8\"" to listOf(listOf("Basic", "x", "UTF-8")),
        "Basic realm=\"a \\\"quoted\\\", b\"" to listOf(listOf("Basic", "a \"quoted\", b")),
        "Digest realm=\"d\", nonce=\"n,=\", Basic realm=\"b\"" to listOf(listOf("Digest", "d"), listOf("Basic", "b")),
        "Negotiate, Basic realm=b" to listOf(listOf("Negotiate", null), listOf("Basic", "b")),
        "Negotiate YII=, Basic realm=b" to listOf(listOf("Negotiate", null), listOf("Basic", "b")),
        "NTLM TlRM==, Bearer realm=x, error=\"e\", Basic" to listOf(listOf("NTLM", null), listOf("Bearer", "x"), listOf("Basic", null)),
        "" to emptyList(),
        " , ,, " to emptyList(),
        "Basic realm=\"unclosed" to listOf(listOf("Basic", "unclosed")),
        "=\"" to emptyList(),
    )

private val CHARSETS =
    listOf(
        null to "UTF-8",
        "text/plain" to "UTF-8",
        "text/plain;charset=iso-8859-1" to "ISO-8859-1",
        "text/plain; format=flowed; Charset=\"utf-16\"" to "UTF-16",
        "text/plain; x=\"; charset=utf-16\"; charset=us-ascii" to "US-ASCII",
        "text/plain; charset=no-such" to "UTF-8",
        "text/plain; charset=*bad*" to "UTF-8",
        "text/plain; charset=" to "UTF-8",
        "text/plain;" to "UTF-8",
    )
