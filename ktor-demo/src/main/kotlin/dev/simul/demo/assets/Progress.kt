// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.assets

import com.github.ajalt.mordant.animation.progress.MultiProgressBarAnimation
import com.github.ajalt.mordant.animation.progress.ProgressTask
import com.github.ajalt.mordant.animation.progress.addTask
import com.github.ajalt.mordant.animation.progress.removeTask
import com.github.ajalt.mordant.animation.progress.update
import com.github.ajalt.mordant.rendering.TextAlign
import com.github.ajalt.mordant.terminal.Terminal
import com.github.ajalt.mordant.widgets.progress.completed
import com.github.ajalt.mordant.widgets.progress.progressBar
import com.github.ajalt.mordant.widgets.progress.progressBarLayout
import com.github.ajalt.mordant.widgets.progress.speed
import com.github.ajalt.mordant.widgets.progress.text
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.TimeSource

/** Hears how downloads come along. */
internal interface Progress : AutoCloseable {
    /** Its first [from] bytes are there already. */
    fun started(
        download: Download,
        from: Long,
    ) {}

    /** It has come to its byte [to]. */
    fun advanced(
        download: Download,
        to: Long,
    ) {}

    /** Its outcome is known. */
    fun finished(download: Download) {}

    /** Nothing follows any more. */
    override fun close() {}
}

/** Nobody wants to know. */
internal object Silence : Progress

/** A line for each file when it is there; for files and pipes. */
internal class ProgressLines(
    private val terminal: Terminal,
) : Progress {
    override fun finished(download: Download) {
        line(download)?.let { terminal.println(it) }
    }
}

/** A bar for each file that is under way, which becomes a line when it is there; for terminals that people look at. */
internal class ProgressBars(
    private val terminal: Terminal,
) : Progress {
    private val animation = MultiProgressBarAnimation(terminal)
    private val bars = HashMap<Download, ProgressTask<Unit>>()
    private var shown = TimeSource.Monotonic.markNow()

    override fun started(
        download: Download,
        from: Long,
    ) {
        val layout =
            progressBarLayout {
                text(download.name, align = TextAlign.LEFT)
                progressBar()
                completed("B")
                speed("B/s")
            }
        bars[download] = animation.addTask(layout, total = download.asset.size, completed = from)
        animation.refresh(refreshAll = true)
    }

    override fun advanced(
        download: Download,
        to: Long,
    ) {
        bars.getValue(download).update(to)
        if (shown.elapsedNow() < FRAME) return
        shown = TimeSource.Monotonic.markNow()
        animation.refresh()
    }

    override fun finished(download: Download) {
        bars.remove(download)?.let(animation::removeTask)
        if (bars.isEmpty()) animation.clear() else animation.refresh(refreshAll = true)
        line(download)?.let { terminal.println(it) }
    }

    override fun close() {
        for (bar in bars.values) animation.removeTask(bar)
        animation.clear()
    }

    private companion object {
        val FRAME = 50.milliseconds
    }
}

private fun line(download: Download): String? {
    val size = bytes(download.asset.size)
    return when (val outcome = download.outcome) {
        Outcome.Skipped -> "${download.name}: $size, there already"
        is Outcome.Downloaded -> {
            val resumed = if (outcome.resumedFrom > 0) ", resumed at ${bytes(outcome.resumedFrom)}" else ""
            "${download.name}: $size$resumed"
        }
        else -> null
    }
}
