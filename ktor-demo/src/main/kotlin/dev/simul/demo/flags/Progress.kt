// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.flags

import com.github.ajalt.mordant.animation.progress.MultiProgressBarAnimation
import com.github.ajalt.mordant.animation.progress.addTask
import com.github.ajalt.mordant.animation.progress.advance
import com.github.ajalt.mordant.rendering.TextColors.green
import com.github.ajalt.mordant.rendering.TextColors.red
import com.github.ajalt.mordant.rendering.TextColors.yellow
import com.github.ajalt.mordant.terminal.Terminal
import com.github.ajalt.mordant.widgets.progress.completed
import com.github.ajalt.mordant.widgets.progress.progressBar
import com.github.ajalt.mordant.widgets.progress.progressBarLayout
import com.github.ajalt.mordant.widgets.progress.text

/** Hears of every flag when its outcome is known. */
internal fun interface Progress : AutoCloseable {
    /** The site is there, and the first request follows. */
    fun begin() {}

    fun report(
        code: String,
        outcome: Outcome,
    )

    /** Nothing follows any more. */
    override fun close() {}
}

/** A bar that grows in place; for terminals that people look at. */
internal class ProgressBar(
    terminal: Terminal,
    total: Int,
) : Progress {
    private val animation = MultiProgressBarAnimation(terminal)
    private val bar =
        animation.addTask(
            progressBarLayout {
                text("flags")
                progressBar()
                completed()
            },
            total = total.toLong(),
        )

    override fun report(
        code: String,
        outcome: Outcome,
    ) {
        bar.advance()
        animation.refresh(refreshAll = bar.finished)
    }

    override fun close() = animation.stop()
}

/** A line at each quarter of the way; for files and pipes. */
internal class ProgressLines(
    private val terminal: Terminal,
    private val total: Int,
) : Progress {
    private var done = 0

    override fun report(
        code: String,
        outcome: Outcome,
    ) {
        val quarter = 4 * done++ / total
        if (4 * done / total > quarter) terminal.println("$done of $total flags")
    }
}

/** A line for each flag, with what became of it. */
internal class VerboseLines(
    private val terminal: Terminal,
) : Progress {
    override fun report(
        code: String,
        outcome: Outcome,
    ) {
        val status =
            when (outcome) {
                is Outcome.Saved -> green("OK")
                is Outcome.NotFound -> yellow("not found") + ": ${outcome.url}"
                is Outcome.Failed -> red("error") + ": ${outcome.reason}"
            }
        terminal.println("$code $status")
    }
}
