// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.choice
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.simul.demo.Failure
import dev.simul.demo.gallery.Program
import dev.simul.demo.gallery.ProgramCommand
import dev.simul.demo.gallery.simulation.store.Bug

/** `simul demo replicated-store`: one run, or many. */
internal class StoreCommand(
    program: Program,
) : ProgramCommand(program) {
    private val seeds by option().int().restrictTo(min = 1).help("Run it with so many seeds, and show the first one that fails.")
    private val bug by option().choice(Bug.entries.associateBy { it.option }).help("Plant a bug, and look for a seed that shows it.")

    private val real by option("--real").help("Run it in Kotlin on this machine's network and clock instead.").flag()

    override fun perform() {
        val count = seeds ?: MANY
        when {
            real -> realStore()
            bug == null && seeds == null -> super.perform()
            java -> tell(ExploreStore.explore(count, bug), count)
            else -> tell(exploreStore(count, bug), count)
        }
    }

    /** It is bad if the store fails, unless it must. */
    private fun tell(
        found: StoreExploration,
        count: Int,
    ) {
        bug?.let { echo("${it.text}\n") }
        echo(found.text)
        if (found.hasFailed && bug == null) throw Failure("the store has failed")
        if (!found.hasFailed && bug != null) throw Failure("$count seeds did not show the bug: try --seeds ${10 * count}")
    }

    private companion object {
        const val MANY = 10_000
    }
}
