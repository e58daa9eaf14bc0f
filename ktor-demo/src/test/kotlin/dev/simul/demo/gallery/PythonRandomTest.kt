// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class PythonRandomTest :
    FunSpec({
        // random.seed(444); [random.randint(0, 10) for _ in range(12)]
        test("whole numbers are those that CPython draws") {
            val random = PythonRandom(444)
            List(12) { random.randint(0, 10) } shouldBe listOf(4, 4, 0, 4, 7, 4, 4, 8, 10, 7, 8, 4)
        }

        // random.seed(444); [random.uniform(0.5, 2.0) for _ in range(6)]
        test("fractions are those that CPython draws") {
            val random = PythonRandom(444)
            List(6) { random.uniform(0.5, 2.0) } shouldBe
                listOf(
                    0.9633419881144318,
                    0.5198562738575299,
                    1.2266563021712746,
                    1.7922198880668594,
                    1.6139595305247632,
                    1.4507987041176602,
                )
        }
    })
