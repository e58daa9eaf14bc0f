// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import java.nio.file.Path
import kotlin.io.path.readText

/** The files of a program: where they lie, seen from docs, and what is worth reading of them. */
internal class Sources(
    article: Article,
    program: Program,
) {
    private val kotlinFile = file("kotlin", article, "${program.file}.kt")
    private val javaFile = file("java", article, "${program.file}.java")

    val kotlinLink = "../ktor-demo/$kotlinFile"
    val javaLink = "../ktor-demo/$javaFile"

    val kotlin: String get() = body(kotlinFile)
    val java: String get() = body(javaFile)

    private fun file(
        language: String,
        article: Article,
        name: String,
    ) = Path.of("src/main/$language/dev/simul/demo/gallery/${article.folder}/$name")

    private fun body(file: Path) =
        file
            .readText()
            .lines()
            .dropWhile { line -> line.isBlank() || NOT_SHOWN.any(line::startsWith) }
            .joinToString("\n")

    private companion object {
        /** What lines begin with that come before the program. */
        val NOT_SHOWN = listOf("// SPDX-", "package ", "import ", "@file:")
    }
}

/** A program on the page: what it shows, both sources side by side, and what the three languages print. */
internal class ProgramSection(
    private val article: Article,
    private val program: Program,
) {
    private val sources = Sources(article, program)
    private val transcripts = Transcripts(program.name)

    fun text(): String = listOf("\n### ${program.name}", program.summary, program.note, code(), outputs()).joinParagraphs()

    private fun List<String?>.joinParagraphs() = filterNotNull().joinToString("\n\n") + "\n"

    private fun code() =
        sideBySide(
            listOf(
                "<a href=\"${sources.kotlinLink}\">Kotlin</a>" to block("kotlin", sources.kotlin),
                "<a href=\"${sources.javaLink}\">Java</a>" to block("java", sources.java),
            ),
        )

    /** What the languages print, once where it is the same. */
    private fun outputs(): String {
        val ours = listOf("Kotlin" to transcripts.kotlin, "Java" to transcripts.java)
        val all = if (article.hasPython) listOf("Python" to transcripts.python) + ours else ours
        val alike = all.groupBy({ it.second }, { it.first })
        if (alike.size == 1) {
            return "${if (article.hasPython) "Python, Kotlin" else "Kotlin"} and Java print:\n\n" +
                block(
                    "text",
                    alike.keys.single(),
                )
        }
        val columns =
            alike.map { (text, who) ->
                "${who.joinToString(" and ")} ${if (who.size == 1) "prints" else "print"}" to block("text", text)
            }
        val width = alike.keys.sumOf { text -> text.lines().maxOf { it.length } }
        return if (width <= WIDTH_OF_PAGE) sideBySide(columns) else columns.joinToString("\n\n") { "${it.first}:\n\n${it.second}" }
    }

    private fun block(
        language: String,
        text: String,
    ) = "```$language\n${text.trimEnd().replace("\u001b", "␛")}\n```"

    private fun sideBySide(columns: List<Pair<String, String>>): String =
        "<table>\n<tr>${columns.joinToString("") { "<th align=\"left\">${it.first}</th>" }}</tr>\n<tr>\n" +
            columns.joinToString("\n") { "<td valign=\"top\">\n\n${it.second}\n\n</td>" } + "\n</tr>\n</table>"
}

/** What GitHub shows of a table, in characters of code. */
private const val WIDTH_OF_PAGE = 100
