// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class TextTest :
    FunSpec({
        test("a time has a unit and at most seven characters") {
            val times =
                mapOf(
                    null to "-",
                    0L to "0.00ms",
                    999_999L to "0.99ms",
                    1_000_000L to "1.0ms",
                    99_999_999L to "99.9ms",
                    999_999_999L to "999ms",
                    1_000_000_000L to "1.0s",
                    59_999_999_999L to "59.9s",
                    60_000_000_000L to "1m00s",
                    3_599_000_000_000L to "59m59s",
                    3_600_000_000_000L to "1h00m",
                    86_400_000_000_000L to "1d00h",
                )
            times.forEach { (nanos, text) -> duration(nanos) shouldBe text }
        }

        test("text is cut by the cells it takes, not by its characters") {
            fit("hello", 5) shouldBe "hello"
            fit("hello", 4) shouldBe "hel…"
            fit("hello", 0) shouldBe ""
            fit("汉字汉字", 5) shouldBe "汉字…"
            fitEnd("hello", 3) shouldBe "…lo"
            fitEnd("a😀", 2) shouldBe "…"
            pad("汉", 3) shouldBe "汉 "
            padStart("汉", 3) shouldBe " 汉"
        }

        test("classes lose their packages, and nothing else does") {
            short("dev.shop.Shop.order(Shop.kt:12)") shouldBe "Shop.order(Shop.kt:12)"
            short("async dev.shop.Shop\$order\$1.invoke(Shop.kt:12)") shouldBe "async Shop\$order\$1.invoke(Shop.kt:12)"
            short("java.base/java.lang.Thread.run(Thread.java:1)") shouldBe "java.base/java.lang.Thread.run(Thread.java:1)"
            short("main.run(main.kt:1)") shouldBe "main.run(main.kt:1)"
        }
    })
