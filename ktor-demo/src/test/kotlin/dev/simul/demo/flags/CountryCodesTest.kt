// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeSorted
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe

class CountryCodesTest :
    FunSpec({
        test("there are 676 codes, all of the member states among them") {
            everyCode.toSet() shouldHaveSize 676
            everyCode.shouldBeSorted()
            everyCode shouldContainAll memberStates
        }

        test("two letters are a member state, in capitals or not") {
            codesOf("FR") shouldBe listOf("FR")
            codesOf("br") shouldBe listOf("BR")
        }

        test("one letter is all codes that begin with it") {
            codesOf("x") shouldBe ('A'..'Z').map { "X$it" }
        }

        test("anything else is no code") {
            for (given in listOf("", "xx", "fra", "1", "é", "ß", "f1", " fr")) codesOf(given) shouldBe null
        }
    })
