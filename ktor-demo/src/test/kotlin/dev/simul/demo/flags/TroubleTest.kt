// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.shouldBe
import io.ktor.http.HttpStatusCode
import kotlin.random.Random

class TroubleTest :
    FunSpec({
        fun statuses(seed: Int): List<HttpStatusCode?> =
            RandomTrouble(share = 0.25, Random(seed)).let { trouble -> List(10_000) { trouble.with("FR", "fr.png") } }

        test("a quarter of all requests is in trouble, of three kinds") {
            val counts = statuses(seed = 1).groupingBy { it?.value }.eachCount()
            counts.keys shouldBe setOf(null, 404, 418, 503)
            counts.getValue(null) shouldBeInRange 7_300..7_700
            for (status in listOf(404, 418, 503)) counts.getValue(status) shouldBeInRange 700..970
        }

        test("the same seed is the same trouble") {
            statuses(seed = 2) shouldBe statuses(seed = 2)
        }
    })
