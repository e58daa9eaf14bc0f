// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.mojifinder

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainInOrder
import io.kotest.matchers.shouldBe

class InvertedIndexTest :
    FunSpec({
        val index = InvertedIndex()

        fun found(query: String) = index.search(query).map { "$it" }

        test("a character is shown with its code and its name") {
            found("tetragram for increase") shouldContainExactly listOf("U+1D312\t\uD834\uDF12\tTETRAGRAM FOR INCREASE")
            found("digit eight").first() shouldBe "U+0038\t8\tDIGIT EIGHT"
        }

        test("all words of the query are in the name, in any order and case") {
            val names = index.search("Smiling CAT").map { it.name }
            names shouldContain "SMILING CAT FACE WITH OPEN MOUTH"
            found("cat smiling") shouldBe found("Smiling CAT")
            for (name in names) name.split(" ", "-") shouldContainInOrder name.split(" ", "-").filter { it == "CAT" || it == "SMILING" }
        }

        test("it finds what looking through all names finds, in the same order") {
            val words =
                (32..Character.MAX_CODE_POINT)
                    .filter { Character.isDefined(it) && Character.getType(it) != Character.CONTROL.toInt() }
                    .associateWith { Character.getName(it).split(" ", "-") }
            for (word in listOf("CHESS", "OMEGA", "HYPHEN", "8")) {
                index.search(word).map { it.char.codePointAt(0) } shouldContainExactly words.filterValues { word in it }.keys.toList()
            }
        }

        test("words are between hyphens, too, in names and in queries") {
            val names = index.search("heart shaped").map { it.name }
            names shouldContain "SMILING CAT FACE WITH HEART-SHAPED EYES"
            found("heart-shaped") shouldBe found("shaped  heart")
        }

        test("a word is not found in a part of it, and nothing without a word") {
            for (query in listOf("smil", "cat smil", "", " ", "-", "<>", "\u0000")) found(query).shouldBeEmpty()
        }

        test("what has no name is not found by that of its block") {
            for (query in listOf("high surrogates", "private use area")) found(query).shouldBeEmpty()
        }
    })
