// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect.top

/** What somebody at the terminal has pressed. */
internal sealed interface Key {
    data object Quit : Key

    data object Help : Key

    data object Pause : Key

    data object Reverse : Key

    data object Expand : Key

    data object Filter : Key

    data object Escape : Key

    data object Erase : Key

    data class Move(
        val by: Step,
    ) : Key

    data class Sort(
        val by: Order,
    ) : Key

    data class Typed(
        val text: String,
    ) : Key
}

internal enum class Step { UP, DOWN, PAGE_UP, PAGE_DOWN, FIRST, LAST }

/**
 * How somebody wants to see the tasks.
 *
 * @property filter only tasks are shown that have this in their name, their coroutine or what they wait for.
 * @property isTyping whether what is typed changes the filter.
 * @property selected the id of a task; it stays selected wherever the order puts it.
 * @property expanded the ids of the tasks whose stacks are shown.
 */
internal data class TopState(
    val order: Order = Order.SHARE,
    val isReversed: Boolean = false,
    val filter: String = "",
    val isTyping: Boolean = false,
    val selected: Long? = null,
    val expanded: Set<Long> = emptySet(),
    val isPaused: Boolean = false,
    val showsHelp: Boolean = false,
) {
    /** The state after [key], where [ids] are those of the tasks in the order in which they are shown, [page] of them at a time. */
    fun after(
        key: Key,
        ids: List<Long>,
        page: Int,
    ): TopState =
        when (key) {
            Key.Quit -> this
            Key.Help -> copy(showsHelp = !showsHelp)
            Key.Pause -> copy(isPaused = !isPaused)
            Key.Reverse -> copy(isReversed = !isReversed)
            Key.Expand -> if (isTyping) copy(isTyping = false) else toggled(ids)
            Key.Filter -> copy(isTyping = true)
            Key.Escape -> escaped()
            Key.Erase -> copy(filter = filter.dropLast(1))
            is Key.Move -> copy(selected = ids.getOrNull(target(key.by, ids.indexOf(selected), page).coerceIn(0, maxOf(ids.lastIndex, 0))))
            is Key.Sort -> copy(order = key.by, isReversed = false)
            is Key.Typed -> copy(filter = filter + key.text)
        }

    private fun target(
        step: Step,
        at: Int,
        page: Int,
    ): Int =
        when (step) {
            Step.UP -> at - 1
            Step.DOWN -> at + 1
            Step.PAGE_UP -> at - page
            Step.PAGE_DOWN -> at + page
            Step.FIRST -> 0
            Step.LAST -> Int.MAX_VALUE
        }

    /** The first task if none is selected, or the one that was has gone. */
    private fun toggled(ids: List<Long>): TopState {
        val task = selected?.takeIf { it in ids } ?: ids.firstOrNull() ?: return this
        return copy(selected = task, expanded = if (task in expanded) expanded - task else expanded + task)
    }

    private fun escaped(): TopState =
        when {
            showsHelp -> copy(showsHelp = false)
            isTyping || filter.isNotEmpty() -> copy(isTyping = false, filter = "")
            else -> copy(expanded = emptySet())
        }
}
