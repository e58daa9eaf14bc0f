// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import java.nio.file.Path
import kotlin.io.path.readText

/** The guide `diagnosis.md`, which shows what programs in both languages print. */
object DiagnosisGuide {
    @JvmStatic
    val text: String by lazy { Path.of("../docs/guide/diagnosis.md").readText() }

    private val blocks by lazy {
        Regex("```text\n(.*?)```", RegexOption.DOT_MATCHES_ALL).findAll(text).map { it.groupValues[1] }.toList()
    }

    /** The first block of text that has all these [words]. */
    @JvmStatic
    fun block(vararg words: String): String = blocks.first { block -> words.all { it in block } }

    /** A dump or a trace without what depends on the run, the compiler, the lines of the runtime and the test. */
    @JvmStatic
    fun masked(dump: String): String = MASKS.fold(dump.trim()) { text, (pattern, replacement) -> text.replace(pattern, replacement) }

    private val MASKS =
        listOf(
            Regex("0x[0-9a-f]+") to "0x0",
            Regex("Task-\\d+") to "Task-1",
            Regex("<EventLoop .*>") to "<EventLoop>",
            Regex("(TaskGroup|Event).kt:\\d+") to "$1.kt:1",
            Regex("(lambda\\$\\w+)\\$\\d+") to "$1", // javac 25 numbers them in another order.
            Regex("(\\w+SamplesTest)\\S+") to "$1",
        )
}
