// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.resultOfTest
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.extension
import kotlin.io.path.readText

class DocsTest :
    FunSpec({
        test("every block of Kotlin in the docs is in a file of samples that is compiled") {
            val files = folders.flatMap { folder -> Files.walk(folder).use { it.toList() } }.filter { it.extension == "kt" }
            val samples = files.map { normalized(it.readText()) }
            val blocks = documents().flatMap { document -> blocks(document.readText(), "kotlin") }
            blocks.filter { block -> samples.none { normalized(block) in it } }.shouldBeEmpty()
            blocks.size shouldBeGreaterThan 3
        }

        test("the README's first example prints what it says") {
            printed { main() } shouldBe listOf("One", "One", "One", "Two", "Two", "Two", "[done, done, done]")
        }

        test("the README's task group gives the pages, or nothing when it takes too long") {
            resultOfTest { fetchAll(listOf("a", "b")) } shouldBe listOf("the page of a", "the page of b")
            resultOfTest { fetchAll(listOf("a", "slow")) } shouldBe emptyList()
        }

        test("the README's deadlock has the message that the README shows") {
            val shown = blocks(Path.of("../README.md").readText(), "text").single()
            val message = shouldThrow<Deadlock> { deadlock() }.message!!
            message.replace(Regex("Task-\\d+"), "Task-1") shouldBe shown.trimEnd()
        }
    })

/** Where the samples are; those of other modules are compiled and run there. */
private val folders =
    listOf(
        "src/test/kotlin/dev/simul/docs",
        "../cluster-hazelcast/src/test/kotlin/dev/simul/cluster/docs",
        "../http/src/test/kotlin/dev/simul/http/docs",
        "../ktor-demo/src/test/kotlin/dev/simul/demo/docs",
        "../ktor-engine/src/test/kotlin/dev/simul/ktor/docs",
        "../netty/src/test/kotlin/dev/simul/netty/docs",
        "../simulation/src/test/kotlin/dev/simul/simulation/docs",
        "../testing/junit/src/test/kotlin/dev/simul/junit/docs",
        "../testing/kotest/src/test/kotlin/dev/simul/kotest/docs",
    ).map { Path.of(it) }

/** The gallery's page is written from programs that are compiled already; the rest is not ours. */
private val ofOthers = setOf("gallery.md", "target", ".git", "node_modules")

private fun documents(): List<Path> =
    Files.walk(Path.of("..")).use { paths ->
        paths.filter { it.extension == "md" && it.none { part -> part.toString() in ofOthers } }.toList()
    }

private fun blocks(
    markdown: String,
    language: String,
): List<String> = Regex("```$language\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(markdown).map { it.groupValues[1] }.toList()

/** Indentation does not count: a block may stand inside a function. */
private fun normalized(text: String): String = text.lines().joinToString("\n") { it.trim() }.trim()

/** The lines that [block] prints. */
fun printed(block: () -> Unit): List<String> {
    val bytes = ByteArrayOutputStream()
    val out = System.out
    System.setOut(PrintStream(bytes, true))
    try {
        block()
    } finally {
        System.setOut(out)
    }
    return bytes.toString().lines().filter { it.isNotEmpty() }
}
