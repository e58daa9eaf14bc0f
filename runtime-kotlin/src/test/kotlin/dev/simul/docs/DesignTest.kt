// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.io.path.Path
import kotlin.io.path.exists
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readLines
import kotlin.io.path.readText

/** The design's walks lead through files and functions that are there. */
class DesignTest :
    FunSpec({
        val docs = Path(System.getProperty("basedir") ?: "", "../docs").normalize()
        val page = docs.resolve("design.md").readText()

        test("every file that it links to is there") {
            val links = LINK.findAll(page).map { it.groupValues[1] }.toList()
            links.size shouldBeGreaterThan 20
            links.filterNot { docs.resolve(it).exists() }.shouldBeEmpty()
        }

        test("every function that a walk names is declared in the file that it names") {
            val stops = STOP.findAll(page.substringAfter("## Walk 1")).toList()
            stops.size shouldBeGreaterThan 14
            for (stop in stops) {
                val (function, file) = stop.destructured
                withClue("`$function` in $file") {
                    Regex("""\b(fun|static)\b[^\n]*\b$function\(""").containsMatchIn(docs.resolve(file).readText()) shouldBe true
                }
            }
        }

        test("it has a line for every package of the runtime") {
            val layers = page.substringAfter("```text").substringBefore("```").split(Regex("""\s+""")).toSet()
            val packages =
                Path(System.getProperty("basedir") ?: "", "src/main/kotlin/dev/simul").listDirectoryEntries().filter {
                    !it.name.contains('.')
                }
            packages.map { it.name }.filterNot { it in layers }.shouldBeEmpty()
        }

        test("every package of the runtime is described") {
            val main = Path(System.getProperty("basedir") ?: "", "src/main/kotlin/dev/simul")
            val names = listOf("dev.simul") + main.listDirectoryEntries().filter { !it.name.contains('.') }.map { "dev.simul.${it.name}" }
            val described = Path(System.getProperty("basedir") ?: "", "packages.md").readLines().filter { it.startsWith("# Package ") }
            described.map { it.removePrefix("# Package ") }.toSet() shouldBe names.toSet()
        }
    })

private val LINK = Regex("""\]\(([^)#]+)\)""")
private val STOP = Regex("""`(\w+)`[^`\[]*?\sin\s+\[`\w+\.(?:kt|java)`\]\(([^)]+)\)""")
