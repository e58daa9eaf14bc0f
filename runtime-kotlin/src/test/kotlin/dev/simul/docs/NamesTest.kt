// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readLines
import kotlin.io.path.readText

/** `docs/python-to-jvm.md` against the list of asyncio's names, and against what this library offers. */
class NamesTest :
    FunSpec({
        val page = NamesPage(Path.of("../docs/python-to-jvm.md").readText())
        val asyncio = Path.of("src/test/resources/asyncio-names.txt").readLines().filterNot { it.startsWith("#") }

        test("the page names every public name and member of asyncio") {
            asyncio.size shouldBeGreaterThan 250
            asyncio
                .map { it.substringBefore(":") }
                .filter { it != "Popen" && page.rowsFor(it).isEmpty() }
                .shouldBeNone()
        }

        test("the page names every keyword argument of asyncio") {
            asyncio
                .flatMap { line ->
                    val name = line.substringBefore(":")
                    val keywords = line.substringAfter(":", "").split(" ").filter { it.isNotEmpty() }
                    keywords.filter { it !in page.keywordsOf(name) }.map { "$name($it=)" }
                }.shouldBeNone()
        }

        test("what the page maps a name to is there in Kotlin") {
            val kotlin = PublicNames(Path.of("api/simul-runtime.api"))
            page.mapped("Kotlin").filterNot { kotlin.knows(it) }.shouldBeNone()
        }

        test("what the page maps keyword arguments to are parameters, or properties of options, in Kotlin") {
            val sources =
                Path
                    .of("src/main/kotlin")
                    .toFile()
                    .walk()
                    .filter { it.isFile }
                    .joinToString("\n") { it.readText() }
            val kotlin = PublicNames(Path.of("api/simul-runtime.api"))
            page.mapped("parameters in Kotlin").filterNot { kotlin.knows(it) || Regex("\\b${it.name}:") in sources }.shouldBeNone()
        }

        test("what the page maps a name to is there in Java") {
            val java = PublicNames(Path.of("../java-facade/api/simul-facade.api"))
            val shared = PublicNames(Path.of("api/simul-runtime.api"))
            val mapped = page.mapped("Java") + page.mapped("Java, in `dev.simul.facade`")
            mapped.filterNot { java.knows(it) || shared.knows(it) }.shouldBeNone()
        }
    })

/** Fails with all of them, and not only with the first. */
private fun List<Any>.shouldBeNone() = joinToString("\n") shouldBe ""
