// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** What the code of the benchmarks says to a row in which a peer is ahead; nothing else is a reason here. */
internal object Reasons {
    private class Reason(
        val part: String,
        val row: Regex,
        val program: Regex,
        val text: String,
    )

    private val all =
        listOf(
            Reason(
                "core",
                Regex("generatorItems|generatorYieldingItems"),
                Regex("kotlinx.*"),
                "A flow cannot be iterated, so kotlinx's time is that of `collect` here; the row by `collect` compares the two by " +
                    "the same way.",
            ),
            Reason(
                "core",
                Regex("createEagerAndAwait"),
                Regex("node"),
                "Node creates no task here: it awaits an asynchronous function that ends without waiting.",
            ),
            Reason(
                "bodies",
                Regex("yield.*|createAndAwait"),
                Regex("virtual"),
                "No loop takes part there: a yield is `Thread.yield()`, and a task is a `FutureTask`.",
            ),
            Reason(
                "echo",
                Regex(".*"),
                Regex("bare"),
                "The bare loop has one buffer for all connections, and no transport, flow control or task.",
            ),
            Reason(
                "memory",
                Regex("timer|sleepingTask|parkedTask"),
                Regex("go|tokio|asyncio|uvloop|node"),
                "Heap is compared with resident memory here.",
            ),
            Reason(
                "startup",
                Regex(".*"),
                Regex("jvm.*"),
                "The bare program starts no loop.",
            ),
            Reason(
                "startup",
                Regex(".*"),
                Regex("kotlinx.*"),
                "Simul's program loads a third more classes (1,033 and 797, by `-Xlog:class+load` on JDK 17).",
            ),
            Reason(
                "startup",
                Regex(".*"),
                Regex("asyncio|uvloop|node|go|tokio"),
                "A JVM alone takes as long as Node, and longer than the others.",
            ),
        )

    /** Null where nobody has found one. */
    fun of(
        part: String,
        lost: LostRow,
    ): String? = all.firstOrNull { it.part == part && it.row.matches(lost.row.key) && it.program.matches(lost.other.key) }?.text
}
