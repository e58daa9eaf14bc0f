// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

/** The text of docs/gallery.md: tables of all programs, then each program's sources and transcripts. */
internal fun galleryPage(): String =
    buildString {
        appendLine(introduction())
        for (article in gallery) append(table(article))
        for (article in gallery) {
            appendLine("\n## The programs of “${article.title}”")
            for (program in article.programs) append(ProgramSection(article, program).text())
        }
    }

private fun introduction() =
    """
    # The gallery

    ${programs.size} programs, each in Kotlin and in Java: those of five introductions to Python's asyncio, beside what Python prints, those
    that show [drivers](#drivers-on-the-loop), [several cores and machines](#past-one-core-and-past-one-machine), and
    [simulated systems](#simulated-systems).

    ```sh
    ./simul demo list                  # names them
    ./simul demo waiter                # runs one, in Kotlin
    ./simul demo waiter --java         # its twin in Java
    ./simul demo waiter --fast         # waits for nothing: virtual time
    ./simul demo all --fast            # runs them all
    ```

    The transcripts were made with `--fast`, so their times are exact; in real time some milliseconds are added. The sources are
    shown without their imports. The gallery has a `run` and a `Time` of its own, for the sake of `--fast`: in a program of yours
    they are `dev.simul.run` (in Java `Asyncio.run`) and the machine's clock. All else that asyncio has comes from Simul, as
    [From Python to the JVM](python-to-jvm.md) and the [guide for Java](guide/java.md) tell.
    """.trimIndent()

private fun table(article: Article): String =
    buildString {
        appendLine("\n## ${article.title}\n")
        if (article.url != null) appendLine("Read it at <${article.url}>.")
        if (article.besides != null) appendLine(article.besides)
        appendLine("\n| program | Kotlin file | Java file | what it prints |\n| --- | --- | --- | --- |")
        for (program in article.programs) {
            val sources = Sources(article, program)
            val links = "[.kt](${sources.kotlinLink}) | [.java](${sources.javaLink})"
            appendLine("| [${program.name}](#${program.name}) | $links | ${brief(Transcripts(program.name).kotlin)} |")
        }
    }

/** A transcript in a cell of a table: as much of it as fits. */
private fun brief(transcript: String): String {
    val lines = transcript.lines().filter { it.isNotBlank() }.map { it.trim() }
    val shown = if (lines.size > 3) listOf(lines.first(), "…", lines.last()) else lines
    return shown.joinToString("<br>") { if (it == "…") it else "`${shorten(it).replace("|", "\\|")}`" }
}

private fun shorten(line: String) = if (line.length > WIDTH_OF_CELL) line.take(WIDTH_OF_CELL - 1).trim() + "…" else line

private const val WIDTH_OF_CELL = 60
