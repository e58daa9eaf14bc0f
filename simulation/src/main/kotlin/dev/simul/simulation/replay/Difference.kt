// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

/** Where two runs of one seed part: after [before] steps that are the same, of which the [last] ones are kept. */
internal class Difference(
    /** Null where runs are not told apart by seeds. */
    val seed: Long?,
    private val before: Int,
    private val last: List<RecordedStep>,
    private val here: RecordedStep?,
    private val fresh: RecordedStep?,
) {
    override fun toString(): String =
        buildString {
            appendLine("step ${before + 1} differs, ${whatDiffers()}:")
            appendLine("  here:      ${here ?: "none, the run had ended"}")
            appendLine("  fresh JVM: ${fresh ?: "none, the run had ended"}")
            if (last.isNotEmpty()) {
                appendLine("Before it, both made the same steps, at last:")
                last.forEach { appendLine("  $it") }
            }
            append(suspicion())
        }

    private fun whatDiffers(): String =
        when {
            here == null || fresh == null -> "one run made fewer steps"
            here.nanos != fresh.nanos -> "in its time"
            here.host != fresh.host -> "in its host"
            else -> "in what it did"
        }

    private fun suspicion(): String =
        if (here != null && fresh != null && here.nanos != fresh.nanos) {
            "A time that differs comes from a clock or a random number outside of the simulation: take the time from the loop, and " +
                "random numbers from the loop's random."
        } else {
            "A step that differs at the same time comes from an order or a value outside of the simulation: the iteration of a set of " +
                "objects without a hashCode of their own, of Set.of or Map.of; the machine's clock, an identity hash code or other threads."
        }
}

/** The first difference between the lines of two runs, or null if there is none. */
internal fun firstDifference(
    here: Sequence<String>,
    fresh: Sequence<String>,
): Difference? {
    val left = here.iterator()
    val right = fresh.iterator()
    val last = ArrayDeque<RecordedStep>()
    var before = 0
    var seed: Long? = null
    while (left.hasNext() || right.hasNext()) {
        val mine = if (left.hasNext()) left.next() else null
        val other = if (right.hasNext()) right.next() else null
        if (mine == null || mine != other) return Difference(seed, before, last.toList(), mine?.let(::stepOf), other?.let(::stepOf))
        val next = seedOf(mine)
        if (next != null) {
            seed = next
            before = 0
            last.clear()
        } else {
            before++
            last += stepOf(mine)
            if (last.size > SHOWN) last.removeFirst()
        }
    }
    return null
}

/** How many common steps are shown. */
private const val SHOWN = 5
