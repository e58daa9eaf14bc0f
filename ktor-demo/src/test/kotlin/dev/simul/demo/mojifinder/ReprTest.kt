// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.net.InetSocketAddress

class ReprTest :
    FunSpec({
        test("text is shown as Python shows it") {
            val shown =
                mapOf(
                    "cat" to "'cat'",
                    "" to "''",
                    "o'clock" to "\"o'clock\"",
                    "'\"" to "'\\'\"'",
                    "a\\b" to "'a\\\\b'",
                    "\u0000\t\n\r\u001b\u007f" to "'\\x00\\t\\n\\r\\x1b\\x7f'",
                    "é — 😀" to "'é — 😀'",
                    "\u00a0\u2028\ue000" to "'\\xa0\\u2028\\ue000'",
                    "\uDBC0\uDC00" to "'\\U00100000'",
                )
            for ((text, expected) in shown) repr(text) shouldBe expected
        }

        test("an address is a host and a port") {
            repr(InetSocketAddress("127.0.0.1", 2323)) shouldBe "('127.0.0.1', 2323)"
        }
    })
