// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readText

/** A block of Kotlin in a page of the docs, and what it [prints] by the block of text that follows, perhaps after the same in Java. */
internal class PrintedSample(
    val block: String,
    private val prints: List<String>,
) {
    /** The function that the block is about: the last one that it declares. */
    val function: String = FUNCTION.findAll(block).last().groupValues[1]

    /** Runs [call], which calls the sample. It may be repeated: a program in real time prints less if its thread was held up. */
    fun verify(call: () -> Unit) {
        var printed = printed(call)
        for (attempt in 2..ATTEMPTS) if (printed != prints) printed = printed(call)
        printed shouldBe prints
    }

    override fun toString() = function

    companion object {
        private const val ATTEMPTS = 3
        private val FUNCTION = Regex("""fun (\w+)\(\)""")
        private val SAMPLE =
            Regex("```kotlin\n((?:(?!```).)*)```\n(?:[^`]*\n```java\n(?:(?!```).)*```\n)?\n```text\n(.*?)```", RegexOption.DOT_MATCHES_ALL)

        /** Those of a guide. */
        fun of(guide: String): List<PrintedSample> =
            SAMPLE
                .findAll(Path.of("../docs/guide/$guide").readText())
                .map { PrintedSample(it.groupValues[1], it.groupValues[2].trimEnd().lines()) }
                .toList()
    }
}
