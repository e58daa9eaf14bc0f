package dev.simul.demo.gallery

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readText
import kotlin.io.path.writeText

class GalleryPageTest :
    FunSpec({
        test("docs/gallery.md shows each program as it is; -Dgallery.update writes it anew") {
            val page = Path.of("../docs/gallery.md")
            if (System.getProperty("gallery.update") != null) page.writeText(galleryPage())
            page.readText() shouldBe galleryPage()
        }
    })

private val kotlinSources = Path.of("src/main/kotlin/dev/simul/demo/gallery")
private val javaSources = Path.of("src/main/java/dev/simul/demo/gallery")

private fun galleryPage(): String =
    buildString {
        appendLine(
            """
            # The gallery

            ${programs.size} programs from five introductions to Python's asyncio, in Kotlin and in Java. `./simul demo NAME` runs one, with
            `--java` the one in Java, with `--fast` on virtual time, on which the transcripts here were made; `./simul demo all --fast` runs
            them all.

            The sources are shown without imports. The imported `run` and `Time` are the gallery's own, for the sake of `--fast`:
            elsewhere it is `dev.simul.run`, or `Asyncio.run` in Java, and the machine's clock.

            | article | program | Kotlin | Java | what it prints |
            | --- | --- | --- | --- | --- |
            """.trimIndent(),
        )
        for (article in gallery) for (program in article.programs) appendLine(row(article, program))
        for (article in gallery) {
            appendLine("\n## ${article.folder.replaceFirstChar { it.uppercase() }}\n")
            appendLine(if (article.url == null) "${article.title}." else "[${article.title}](${article.url}).")
            for (program in article.programs) append(section(article, program))
        }
    }

private fun row(
    article: Article,
    program: Program,
): String {
    val name = "[${program.name}](#${program.name})"
    val kotlin = "[${program.file}.kt](${link(kotlinSources.resolve(article.folder), "${program.file}.kt")})"
    val java = "[${program.file}.java](${link(javaSources.resolve(article.folder), "${program.file}.java")})"
    return "| ${article.folder} | $name | $kotlin | $java | ${brief(Transcripts(program.name).kotlin)} |"
}

private fun link(
    folder: Path,
    file: String,
) = "../ktor-demo/$folder/$file"

/** A transcript in a cell of a table: as much of it as fits. */
private fun brief(transcript: String): String {
    val lines = transcript.lines().filter { it.isNotBlank() }
    val shown = if (lines.size > 4) lines.take(2) + "…" + lines.last() else lines
    return shown.joinToString("<br>") { if (it == "…") it else "`${it.trim().replace("|", "\\|")}`" }
}

private fun section(
    article: Article,
    program: Program,
): String {
    val kotlin = source(kotlinSources.resolve("${article.folder}/${program.file}.kt").readText())
    val java = source(javaSources.resolve("${article.folder}/${program.file}.java").readText())
    val transcripts = Transcripts(program.name)
    return buildString {
        appendLine("\n### ${program.name}\n")
        appendLine(listOfNotNull(program.summary, program.note).joinToString(" "))
        appendLine()
        appendLine(sideBySide(listOf("Kotlin" to block("kotlin", kotlin), "Java" to block("java", java))))
        appendLine()
        appendLine(outputs(Transcripts(program.name)))
    }
}

/** What the three languages print, once where it is the same. */
private fun outputs(transcripts: Transcripts): String {
    val all = listOf("Python" to transcripts.python, "Kotlin" to transcripts.kotlin, "Java" to transcripts.java)
    val alike = all.groupBy({ it.second }, { it.first })
    if (alike.size == 1) return "All three print:\n\n" + block("text", alike.keys.single())
    return sideBySide(
        alike.map { (text, who) ->
            "${who.joinToString(" and ")} ${if (who.size == 1) "prints" else "print"}" to block("text", text)
        },
    )
}

/** What is worth reading of a source file. */
private fun source(text: String): String =
    text
        .lines()
        .dropWhile { it.isBlank() || it.startsWith("package ") || it.startsWith("import ") || it.startsWith("@file:") }
        .joinToString("\n")

private fun block(
    language: String,
    text: String,
) = "```$language\n${text.trimEnd().replace("\u001b", "␛")}\n```"

private fun sideBySide(columns: List<Pair<String, String>>): String =
    "<table>\n<tr>${columns.joinToString("") { "<th>${it.first}</th>" }}</tr>\n<tr>\n" +
        columns.joinToString("\n") { "<td valign=\"top\">\n\n${it.second}\n\n</td>" } + "\n</tr>\n</table>"
