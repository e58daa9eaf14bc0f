// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

import java.util.Locale

/** The sections in which a program is measured on several JDKs; [jdks] are their feature versions, the oldest one first. */
internal class SectionsByJdk(
    private val jdks: List<Int>,
) {
    private val works =
        listOf(
            "yieldAlone" called "yield, one task",
            "yieldOfTwo" called "yield, two tasks",
            "createAndAwait" called "create and await",
            "createEagerAndAwait" called "create eagerly and await",
            "futurePingPong" called "future ping-pong",
            "queueOfOne" called "queue of one",
            "contendedLock" called "contended lock, 4 tasks",
            "groupOfTen" called "task group of 10",
            "timeoutAroundYield" called "timeout around a yield",
            "cancelSleeping" called "create, sleep and cancel 100,000",
            "manyAlive" called "100,000 alive",
            "generatorItems" called "generator, by `for`",
            "generatorCollect" called "generator, by `collect`",
            "generatorYieldingItems" called "generator that yields its turn for each item, by `for`",
            "generatorCollectYielding" called "the same, by `collect`",
        )

    private fun besideKotlinx(jdk: Int) =
        Table(
            "work, ns",
            works,
            listOf("simul@$jdk" called "Simul", "kotlinx@$jdk" called "kotlinx"),
            listOf("simul@$jdk" to listOf("kotlinx@$jdk")),
            ratio = true,
        )

    private fun besideOthers(jdk: Int?): Table {
        val simul = if (jdk == null) emptyList() else listOf("simul@$jdk" called "Simul, JDK $jdk")
        val others = listOf("virtual" called "virtual threads") + PEERS
        return Table("work, ns", works, simul + others, simul.map { ours -> ours.key to others.map { it.key } })
    }

    val core =
        Section(
            "core",
            "Primitives",
            """
            Nanoseconds an operation, the best of the rounds. On JVMs it is measured by JMH, in a fork that warms up first,
            with the JVM's default collector and a heap of 2 GiB that is allocated and touched at the start; kotlinx is its
            `runBlocking`. The other programs do the same work 100,000 times, three times a round, in `benchmarks/peers`. Each
            runs its tasks on one thread: Go with one processor, tokio with its `current_thread` runtime and a `LocalSet`, virtual
            threads with one carrier. No program is bound to a processor, so a compiler or a collector that has threads of its
            own may use another one. The ratio is kotlinx's time by Simul's: above 1, Simul is faster.
            """,
            jdks.map(::besideKotlinx) + besideOthers(jdks.firstOrNull()),
            jdks.map { "Beside kotlinx, JDK $it" } + "Beside other runtimes",
            """
            A cell is empty where a runtime has no like of the work: Node cannot cancel a promise, and Go and tokio have no
            generators of their own. Node's yield is `setImmediate`, a turn of its loop; its promises resolve without one.
            Goroutines have no results or cancellation; where a row needs them, a channel or a context takes their place.
            """,
        )

    private val carrierNames = mapOf("platform" to "platform threads", "virtual" to "virtual threads", "pumped" to "pumped")

    private fun carriers(text: (String) -> String = { it }) =
        listOf("platform", "virtual", "pumped").flatMap { carrier -> jdks.map { "$carrier@$it" called text(carrier) + ", JDK $it" } }

    /** The memory of so many is measured, as platform threads would be too many otherwise. */
    private fun counted(carrier: String) =
        carrierNames.getValue(carrier) + " (%,d)".format(Locale.ROOT, if (carrier == "platform") BodiesPart.FEW else BodiesPart.MANY)

    private val alone = "virtual" called "no loop: virtual threads alone"

    val bodies =
        Section(
            "bodies",
            "Bodies of plain Java",
            """
            In plain Java each task's code, its *body*, runs on a thread of its own, of one of three [kinds](glossary.md), its
            *carrier*. Nanoseconds an operation, by JMH as above; bytes a body of so many that are asleep, with the serial
            collector. `java.lang` is opened to Simul here, by `--add-opens=java.base/java.lang=ALL-UNNAMED`.
            """,
            listOf(
                Table(
                    "work, ns",
                    listOf(
                        "yieldAlone" called "yield, one body",
                        "yieldOfTwo" called "yield, two bodies",
                        "createAndAwait" called "create and await",
                    ),
                    carriers(carrierNames::getValue) + alone,
                    jdks.map { "pumped@$it" to listOf("virtual") },
                    programsDown = true,
                ),
                Table(
                    "bytes a body that is asleep",
                    listOf("heapBytes" called "of heap", "residentBytes" called "resident"),
                    carriers(::counted),
                    emptyList(),
                    programsDown = true,
                ),
            ),
            listOf("Time", "Memory"),
        )

    val startup =
        Section(
            "startup",
            "Start-up",
            """
            Milliseconds from the start of a process to its end, of a program that prints a line out of its first task: the
            median of several runs, taken in turns. JVMs have no options but the class path, and no archive of classes of their
            own.
            """,
            listOf(
                Table(
                    "program",
                    listOf("hello" called "ms"),
                    jdks.flatMap {
                        listOf(
                            "jvm@$it" called "JVM alone, JDK $it",
                            "simul@$it" called "**Simul in Kotlin, JDK $it**",
                            "facade@$it" called "**Simul in Java, JDK $it**",
                            "kotlinx@$it" called "kotlinx, JDK $it",
                        )
                    } + PEERS,
                    jdks.map { jdk ->
                        val others = if (jdk == jdks.first()) PEERS.map { it.key } else emptyList()
                        "simul@$jdk" to listOf("jvm@$jdk", "kotlinx@$jdk") + others
                    },
                    programsDown = true,
                ),
            ),
        )
}
