// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.peers

import java.util.Locale

/** The table, or one object a row. */
internal class Report(
    private val json: Boolean,
) {
    private var lastRow = ""

    fun add(
        row: String,
        rates: Map<String, Long>,
        simul: String,
        peers: List<String>,
    ) {
        val ours = rates[simul]
        for (peer in peers) {
            val other = rates[peer] ?: continue
            val ratio = if (ours == null || other == 0L) null else ours.toDouble() / other
            if (json) {
                val times = ratio?.let { "%.3f".format(Locale.ROOT, it) }
                println("""{"row":"$row","peer":"$peer","simul":$ours,"other":$other,"ratio":$times}""")
            } else {
                if (row != lastRow) println("\n$row")
                val times = ratio?.let { "%.2f".format(Locale.ROOT, it) } ?: ""
                println("  %-16s %10s to %10d  %8s".format(Locale.ROOT, peer, ours ?: "failed", other, times))
            }
            lastRow = row
        }
        System.out.flush()
    }
}
