// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import dev.simul.simulation.Choices

private const val PREFIX = "choices:"

/** [choices] in a line that [choicesOf] reads: `choices:3,z12,5` is 3, twelve zeros, and 5. */
internal fun textOf(choices: LongArray): String {
    val items = ArrayList<String>()
    var i = 0
    while (i < choices.size) {
        val zeros = (i until choices.size).indexOfFirst { choices[it] != 0L }.let { if (it < 0) choices.size - i else it }
        items += if (zeros > 1) "z$zeros" else "${choices[i]}"
        i += maxOf(zeros, 1)
    }
    return PREFIX + items.joinToString(",")
}

/** The choices that [text] stands for: those of a seed, if it is a number, or those that [textOf] wrote. */
internal fun choicesOf(text: String): Choices {
    text.toLongOrNull()?.let { return Choices(it) }
    val list = text.removePrefix(PREFIX)
    require(list != text) { "SIMUL_SEED is '$text': it must be a seed, such as 7, or what a failure printed, such as ${PREFIX}3,z12,5" }
    return Choices(list.split(',').filter { it.isNotEmpty() }.flatMap { itemsOf(it, text) }.toLongArray())
}

private fun itemsOf(
    item: String,
    text: String,
): List<Long> {
    val zeros = if (item.startsWith('z')) item.drop(1).toIntOrNull()?.takeIf { it > 0 } else null
    val value = item.toLongOrNull()?.takeIf { it >= 0 }
    require(zeros != null || value != null) { "'$item' in '$text' is no choice: one is a number, or z and a number of zeros" }
    return if (zeros != null) List(zeros) { 0L } else listOf(value!!)
}
