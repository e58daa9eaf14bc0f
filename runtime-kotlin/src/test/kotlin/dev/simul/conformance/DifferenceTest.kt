// SPDX-License-Identifier: Apache-2.0
package dev.simul.conformance

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe

class DifferenceTest :
    FunSpec({
        test("equal traces have no difference") {
            difference(listOf("a", "b"), listOf("a", "b")).shouldBeNull()
        }

        test("the first differing line is shown after the ones that lead to it") {
            val expected = listOf("a", "b", "c", "d", "e", "f")
            difference(expected, expected.toMutableList().also { it[5] = "x" }) shouldBe
                """
                line 6 of the trace differs:
                    b
                    c
                    d
                    e
                  - f
                but here
                  + x

                """.trimIndent()
        }

        test("a trace that ends early or late differs where the other goes on") {
            difference(listOf("a", "b"), listOf("a")) shouldBe
                "line 2 of the trace differs:\n    a\n  - b\nbut here\n  + (the trace ends)\n"
            difference(listOf("a"), listOf("a", "b")) shouldBe
                "line 2 of the trace differs:\n    a\n  - (the trace ends)\nbut here\n  + b\n"
        }
    })
