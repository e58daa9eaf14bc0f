// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe

class MetadataTest :
    FunSpec({
        test("a country's name is in its metadata, in English") {
            metadataOf("FR") shouldBe """{"iso_cc":"FR","country":"France"}"""
            countryIn(metadataOf("DE")) shouldBe "Germany"
        }

        test("what names no country is of no use") {
            for (metadata in listOf("", "<html>", "[]", "{}", """{"country": null}""", """{"country": {}}""", """{"country": "../"}""")) {
                val failure = shouldThrow<NoFlag> { countryIn(metadata) }
                failure.outcome shouldBe Outcome.Failed("its metadata names no country")
            }
        }
    })
