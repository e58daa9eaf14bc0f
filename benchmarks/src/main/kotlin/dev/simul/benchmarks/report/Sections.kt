// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import java.util.Locale

/** The runtimes whose programs are in `benchmarks/peers`. */
internal val PEERS: List<Label> =
    listOf("asyncio" called "asyncio", "uvloop" called "uvloop", "node" called "Node", "go" called "Go", "tokio" called "tokio")

/** The page's sections. Their prose holds no figures: a new run would make them false. */
internal object Sections {
    /** The section of what has been measured, on the JDKs that it was measured on. */
    fun of(result: PartResult): Section = on(result.jdks).first { it.part == result.part }

    /** All sections, in their order on the page. */
    fun on(jdks: List<Int>): List<Section> {
        val byJdk = SectionsByJdk(jdks)
        return listOf(
            byJdk.core,
            byJdk.bodies,
            growth,
            ServerSections.echo,
            ServerSections.tls,
            ServerSections.http,
            memory,
            byJdk.startup,
        )
    }

    private val growth =
        Section(
            "growth",
            "Growth",
            """
            Nanoseconds a task when so many are created at once, yield once each and are awaited: the best of the runs in a
            second. JVMs have a heap of 4 GiB and the parallel collector here, and no program is bound to a processor. A line
            that stays level means that a task costs the same however many there are.
            """,
            listOf(
                Table(
                    "tasks",
                    GrowthPart.SIZES.map { "$it" called "%,d".format(Locale.ROOT, it) },
                    listOf("simul" called "Simul", "kotlinx" called "kotlinx", "virtual" called "virtual threads") + PEERS,
                    listOf("simul" to listOf("kotlinx", "virtual") + PEERS.map { it.key }),
                ),
            ),
        )

    private val memory =
        Section(
            "memory",
            "Memory",
            """
            Bytes of each of very many that do nothing, measured once: of heap after a collection on JVMs, and of resident memory
            elsewhere. Bodies have a table of their own above.
            """,
            listOf(
                Table(
                    "what, bytes",
                    listOf(
                        "parkedTask" called "a task that waits for a future",
                        "sleepingTask" called "a task that sleeps",
                        "timer" called "a timer",
                        "idleConnection" called "an idle connection of a server",
                    ),
                    listOf(
                        "simul" called "Simul",
                        "simul-protocol" called "Simul, a protocol",
                        "kotlinx" called "kotlinx",
                        "virtual" called "virtual threads",
                    ) + PEERS,
                    listOf("simul" to listOf("kotlinx", "virtual") + PEERS.map { it.key }),
                ),
            ),
        )
}
