// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.testing.runTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder

class FaqSamplesTest :
    FunSpec({
        val samples = PrintedSample.of("faq.md")

        for (sample in samples) {
            test("$sample prints what the page shows") {
                sample.verify { if (sample.function == "askedOnce") runTest { askedOnce() } else heardAndUnheard() }
            }
        }

        test("the page shows what its programs print") {
            samples.map { it.function } shouldContainExactlyInAnyOrder listOf("askedOnce", "heardAndUnheard")
        }
    })
