// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.simulation

import com.github.ajalt.clikt.core.Context
import com.github.ajalt.clikt.parameters.options.flag
import com.github.ajalt.clikt.parameters.options.help
import com.github.ajalt.clikt.parameters.options.option
import com.github.ajalt.clikt.parameters.types.choice
import com.github.ajalt.clikt.parameters.types.int
import com.github.ajalt.clikt.parameters.types.restrictTo
import dev.simul.demo.DemoCommand
import dev.simul.demo.gallery.simulation.store.Bug

/** `simul demo replicated-store`: one run, or many. */
internal class StoreCommand : DemoCommand("replicated-store") {
    private val seeds by option().int().restrictTo(min = 1).help("Run it with so many seeds, and show the first one that fails.")
    private val bug by option().choice(Bug.entries.associateBy { it.option }).help("Plant a bug, and look for a seed that shows it.")

    private val real by option("--real").help("Run it on this machine's network and clock instead.").flag()

    override fun help(context: Context) = "Three servers agree on a log by Raft, while they crash and cables are pulled."

    override fun perform() {
        val bug = bug
        when {
            real -> realStore()
            bug == null && seeds == null -> replicatedStore()
            else -> exploreStore(seeds ?: 10_000, bug)
        }
    }
}
