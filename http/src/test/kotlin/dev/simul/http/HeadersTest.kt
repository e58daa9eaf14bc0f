// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain

class HeadersTest :
    FunSpec({
        val headers = Headers.of("Set-Cookie" to "a=1", "Accept" to " text/html ", "set-cookie" to "b=2")

        test("names match in any case, and order and repetitions stay") {
            headers["ACCEPT"] shouldBe "text/html"
            headers["Set-Cookie"] shouldBe "a=1"
            headers.getAll("SET-COOKIE") shouldContainExactly listOf("a=1", "b=2")
            headers.map { it.name } shouldContainExactly listOf("Set-Cookie", "Accept", "set-cookie")
            headers["Accept-"] shouldBe null
            ("accep" in headers) shouldBe false
            headers.indexOf("Set-Cookie", 1) shouldBe 2
        }

        test("a list is searched item by item") {
            val lists = Headers.of("Connection" to "a,  Keep-Alive ,,b", "connection" to "Upgrade", "Other" to "c")
            for (token in listOf("a", "keep-alive", "b", "upgrade")) withClue(token) { lists.hasToken("Connection", token) shouldBe true }
            for (token in listOf("keep", "alive", "c", "a, b")) withClue(token) { lists.hasToken("Connection", token) shouldBe false }
        }

        test("names that are not tokens are refused") {
            for (name in listOf("", "a b", "a:", "a\r\nb", "é", "\u0141", "a\u0000")) {
                withClue(name) { shouldThrow<IllegalArgumentException> { Headers.of(name to "b") } }
            }
        }

        test("values that would break the message are refused, and the error does not show them") {
            for (value in listOf("secret\r\nInjected: 1", "secret\n", "secret\u0000", "secret\u0141", "secret\u007f")) {
                val failure = shouldThrow<IllegalArgumentException> { Headers.of("Token" to value) }
                failure.message shouldContain "the value of Token has the character \\u00".dropLast(2)
                failure.message shouldContain "at 6"
                failure.message shouldNotContain "secret"
            }
            headers.toString() shouldBe "<Headers Set-Cookie, Accept, set-cookie>"
        }

        test("a builder replaces and removes by name") {
            val changed = headers.toBuilder().set("set-COOKIE", "c").add("X", "1").remove("accept").build()
            changed shouldBe Headers.of("set-cookie" to "c", "x" to "1")
            changed.hashCode() shouldBe Headers.of("set-cookie" to "c", "x" to "1").hashCode()
            changed shouldNotBe Headers.of("x" to "1", "set-cookie" to "c")
        }
    })
