// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.docs.printed
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.readText

internal val GUIDES: Path = Path.of("../docs/guide")

/** A program that a guide shows; [run] prints what it prints. */
internal class ShownProgram(
    val title: String,
    val canRun: Boolean = true,
    val run: () -> Unit,
)

/** A guide, and the [programs] in its blocks of code: a group for each block of text, which says what each of them prints. */
internal class GuideOfPrograms(
    val name: String,
    vararg val programs: List<ShownProgram>,
) {
    val groups: List<Group> = groups(GUIDES.resolve(name).readText())

    /** The blocks of code that stand between two blocks of text, and what the latter one says that they print. */
    class Group(
        val blocks: List<String>,
        val prints: List<String>,
    ) {
        /** Runs a [program]. It may be repeated: a program in real time prints something else if one of its threads was held up. */
        fun verify(program: () -> Unit) {
            var lines = printed(program)
            for (attempt in 2..ATTEMPTS) if (lines != prints) lines = printed(program)
            lines shouldBe prints
        }
    }

    private companion object {
        const val ATTEMPTS = 5
        val BLOCK = Regex("^```(\\w+)\n(.*?)^```", setOf(RegexOption.DOT_MATCHES_ALL, RegexOption.MULTILINE))

        fun groups(text: String): List<Group> =
            buildList {
                var blocks = emptyList<String>()
                for (match in BLOCK.findAll(text)) {
                    val (language, block) = match.destructured
                    when (language) {
                        "text" -> add(Group(blocks, block.trimEnd().lines())).also { blocks = emptyList() }
                        "java", "kotlin", "python" -> blocks += block
                    }
                }
            }
    }
}
