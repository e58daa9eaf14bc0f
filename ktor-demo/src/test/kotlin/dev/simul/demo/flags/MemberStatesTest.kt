// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeSorted
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.collections.shouldHaveSize
import java.util.Locale

class MemberStatesTest :
    FunSpec({
        test("there are 193 member states, each once and in order") {
            memberStates.toSet() shouldHaveSize 193
            memberStates shouldHaveSize 193
            memberStates.shouldBeSorted()
        }

        test("all codes are countries of ISO 3166") {
            Locale.getISOCountries().toList() shouldContainAll memberStates
        }
    })
