// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

import dev.simul.tools.inspect.Palette
import dev.simul.tools.inspect.Refusal
import dev.simul.tools.inspect.Why
import kotlin.time.Duration

/** Draws what the sampler has seen, and does what keys say, until one says to quit or the process has ended. */
internal class LiveTop(
    private val screen: TopTerminal,
    private val sampler: Sampler,
    private val program: String,
    private val interval: Duration,
    private val palette: Palette,
    private var now: Sample,
) {
    private var state = TopState()
    private var before: Sample? = null

    /** Whether somebody waits for a stack, and so for the next look even where it is paused. */
    private var wantsStacks = false
    private var notice: String? = null
    private var view = view()

    /** Returns whether it was interrupted by Ctrl-C. */
    fun run(): Boolean {
        sampler.start()
        var key: Key? = null
        while (key != Key.Quit && !screen.isInterrupted) {
            val hasSeen = see()
            val isResized = screen.takeResized()
            if (key != null || hasSeen || isResized) draw(isResized)
            key = screen.key(KEY_MILLIS, state.isTyping)
            if (key != null) press(key)
        }
        return screen.isInterrupted
    }

    /** Takes what the sampler has seen meanwhile; returns whether there was anything. */
    private fun see(): Boolean {
        val looks = generateSequence { sampler.looks.poll() }.toList()
        for (look in looks) look.fold(::take) { notice = noticeOf(it) }
        return looks.isNotEmpty()
    }

    private fun take(sample: Sample) {
        notice = null
        if (state.isPaused && !(wantsStacks && sample.hasStacks)) return
        wantsStacks = wantsStacks && !sample.hasStacks
        before = now
        now = sample
    }

    private fun noticeOf(failure: Throwable): String {
        if (failure !is Refusal || failure.why == Why.GONE) throw failure
        return failure.message.orEmpty()
    }

    private fun press(key: Key) {
        state = state.after(key, view.rows.map { it.task.id }, screenOf().page(view))
        if (sampler.stacksOf == state.expanded) return
        wantsStacks = (state.expanded - sampler.stacksOf).isNotEmpty()
        sampler.stacksOf = state.expanded
        if (wantsStacks) sampler.lookNow()
    }

    private fun draw(afresh: Boolean) {
        view = view()
        screen.draw(screenOf().draw(view), afresh)
    }

    private fun view() = TopView(program, "$interval", now, Activity(before, now), state, notice)

    private fun screenOf() = TopScreen(screen.size.rows, screen.size.columns, palette)

    private val Sample.hasStacks: Boolean get() = stacksOf.containsAll(state.expanded)

    private companion object {
        private const val KEY_MILLIS = 50L
    }
}
