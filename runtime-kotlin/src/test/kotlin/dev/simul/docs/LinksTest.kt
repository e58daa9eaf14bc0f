// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.extension
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText

class LinksTest :
    FunSpec({
        val root = Path.of("..")
        val docs = root.resolve("docs")
        val pages =
            Files.walk(docs).use { paths -> paths.filter { it.extension == "md" }.toList() } + root.listDirectoryEntries("*.md")

        test("every link between the pages leads to a file, and to a heading of it") {
            val links = pages.flatMap { page -> Page(page).links.map { page to it } }
            links.size shouldBeGreaterThan 200
            links.filterNot { (page, link) -> leads(page, link) }.map { (page, link) -> "$page: $link" }.shouldBeEmpty()
        }

        test("the words of the glossary are sorted, and each has a link") {
            val rows = docs.resolve("glossary.md").readText().lines().filter { it.startsWith("| ") }.drop(2)
            rows.size shouldBeGreaterThan 50
            val words = rows.map { it.split("|")[1].trim() }
            words shouldBe words.sortedBy { it.lowercase() }.distinct()
            rows.filterNot { "](" in it.split("|")[3] }.shouldBeEmpty()
        }

        test("the index of the documentation names every page") {
            val named = Page(docs.resolve("README.md")).links.map { docs.resolve(it).normalize() }
            val guides = docs.resolve("guide").listDirectoryEntries("*.md")
            val others = docs.listDirectoryEntries("*.md").filter { it.name != "README.md" }
            (guides + others).filterNot { it.normalize() in named }.shouldBeEmpty()
        }
    })

private fun leads(
    from: Path,
    link: String,
): Boolean {
    val file = link.substringBefore("#")
    val heading = link.substringAfter("#", "")
    val target = if (file.isEmpty()) from else from.resolveSibling(file)
    return target.exists() && (heading.isEmpty() || target.isDirectory() || heading in Page(target).headings)
}

/** A page in Markdown, without its blocks of code. */
private class Page(
    path: Path,
) {
    private val text = BLOCK.replace(path.readText(), "")

    /** The links to other files of this project. */
    val links: List<String> = LINK.findAll(text).map { it.groupValues[1] }.filterNot { "://" in it || it.startsWith("mailto:") }.toList()

    /** As links name them. */
    val headings: Set<String> =
        HEADING
            .findAll(text)
            .map { heading -> heading.groupValues[1].lowercase().filter { it.isLetterOrDigit() || it in " -_" }.replace(' ', '-') }
            .toSet()

    private companion object {
        val BLOCK = Regex("^```.*?^```", setOf(RegexOption.DOT_MATCHES_ALL, RegexOption.MULTILINE))
        val LINK = Regex("""\]\(([^)\s]+)\)""")
        val HEADING = Regex("^#+ (.*)$", RegexOption.MULTILINE)
    }
}
