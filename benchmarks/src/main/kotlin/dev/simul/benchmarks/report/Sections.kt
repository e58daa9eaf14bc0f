// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** The page's sections. Their prose holds no figures: a new run would make them false. */
internal object Sections {
    fun of(part: String): Section = all.first { it.part == part }

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
            "generatorYieldingItems" called "generator that yields its turn for each item",
        )

    private val peers =
        listOf("asyncio" called "asyncio", "uvloop" called "uvloop", "node" called "Node", "go" called "Go", "tokio" called "tokio")

    private fun besideKotlinx(jdk: Int) =
        Table(
            "work, ns",
            works,
            listOf("simul@$jdk" called "Simul", "kotlinx@$jdk" called "kotlinx"),
            listOf("simul@$jdk" to listOf("kotlinx@$jdk")),
            ratio = true,
        )

    private fun besideOthers(jdk: Int) =
        Table(
            "work, ns",
            works,
            listOf("simul@$jdk" called "Simul, JDK $jdk", "virtual" called "virtual threads") + peers,
            listOf("simul@$jdk" to listOf("virtual") + peers.map { it.key }),
        )

    private val core =
        Section(
            "core",
            "Primitives",
            """
            Nanoseconds an operation, the best of the rounds. On JVMs it is measured by JMH, in a fork that warms up first,
            with the JVM's default collector and a heap of 2 GiB that is allocated and touched at the start; kotlinx is its
            `runBlocking`. The other programs do the same work 100,000 times, three times a round, in `benchmarks/peers`. Each
            runs on one thread: Go with one processor, tokio with its `current_thread` runtime and a `LocalSet`, virtual
            threads with one carrier. The ratio is kotlinx's time by Simul's: above 1, Simul is faster.
            """,
            listOf(besideKotlinx(17), besideKotlinx(25), besideOthers(17)),
            listOf("Beside kotlinx, JDK 17", "Beside kotlinx, JDK 25", "Beside other runtimes"),
            """
            A cell is empty where a runtime has no like of the work: Node cannot cancel a promise, and Go and tokio have no
            generators of their own. Node's yield is `setImmediate`, a turn of its loop; its promises resolve without one,
            which is why its ping-pong is fast. Goroutines have no results or cancellation; where a row needs them, a
            channel or a context takes their place.
            """,
        )

    private val carriers =
        listOf(
            "platform@17" called "platform threads, JDK 17",
            "platform@25" called "platform threads, JDK 25",
            "virtual@25" called "virtual threads, JDK 25",
            "pumped@25" called "pumped, JDK 25",
            "virtual" called "no loop: virtual threads alone",
        )

    private val bodies =
        Section(
            "bodies",
            "Bodies of plain Java",
            """
            In plain Java each task's code, its *body*, runs on a thread of its own, of one of three [kinds](glossary.md), its
            *carrier*. Nanoseconds an operation, by JMH as above; bytes a body that is asleep, with the serial collector.
            Platform threads of JDK 24 or newer are reused only because `java.lang` is opened to Simul here; otherwise each
            body gets a fresh one.
            """,
            listOf(
                Table(
                    "work, ns",
                    listOf(
                        "yieldAlone" called "yield, one body",
                        "yieldOfTwo" called "yield, two bodies",
                        "createAndAwait" called "create and await",
                    ),
                    carriers,
                    listOf("pumped@25" to listOf("virtual")),
                    programsDown = true,
                ),
                Table(
                    "bytes a body that is asleep",
                    listOf("heapBytes" called "of heap", "residentBytes" called "resident"),
                    carriers,
                    emptyList(),
                    programsDown = true,
                ),
            ),
            listOf("Time", "Memory"),
        )

    private val growth =
        Section(
            "growth",
            "Growth",
            """
            Nanoseconds a task when so many are created at once, yield once each and are awaited: the best of the runs in a
            second. JVMs have a heap of 4 GiB and the parallel collector here. A line that stays level means that a task costs
            the same however many there are.
            """,
            listOf(
                Table(
                    "tasks",
                    GrowthPart.SIZES.map { "$it" called "%,d".format(java.util.Locale.ROOT, it) },
                    listOf("simul" called "Simul", "kotlinx" called "kotlinx", "virtual" called "virtual threads") + peers,
                    listOf("simul" to listOf("kotlinx", "virtual") + peers.map { it.key }),
                ),
            ),
        )

    private val simulServers =
        listOf(
            "protocol" called "**Simul, a protocol**",
            "streams" called "**Simul, streams**",
            "protocol-bytes" called "Simul, a protocol with arrays",
            "streams-bytes" called "Simul, streams with arrays",
        )

    private val otherServers =
        listOf(
            "netty" called "Netty",
            "netty-on-loop" called "Netty on Simul's loop",
            "ktor-network" called "kotlinx, Ktor's sockets",
            "virtual" called "virtual threads",
            "uvloop-protocol" called "uvloop, a protocol",
            "uvloop-streams" called "uvloop, streams",
            "asyncio-protocol" called "asyncio, a protocol",
            "asyncio-streams" called "asyncio, streams",
            "node" called "Node",
            "go" called "Go",
            "tokio" called "tokio",
        )

    private fun echoes(
        connections: Int,
        withBare: Boolean,
    ): Table {
        val protocols = listOf("bare", "netty", "uvloop-protocol", "asyncio-protocol", "node", "go", "tokio")
        val streams = listOf("ktor-network", "virtual", "uvloop-streams", "asyncio-streams", "go", "tokio")
        return Table(
            "server",
            EchoPart.SIZES.map { "$connections/$it" called "${it / 1024} KiB" },
            (if (withBare) listOf("bare" called "a bare selector loop on the JVM") else emptyList()) + simulServers +
                if (withBare) otherServers else otherServers.filterNot { it.key in PLAIN },
            listOf("protocol" to protocols, "streams" to streams).map { (ours, others) ->
                ours to others.filter { withBare || (it != "bare" && it !in PLAIN) }
            },
            lowerIsBetter = false,
            programsDown = true,
        )
    }

    /** Which servers do not speak TLS here. */
    private val PLAIN = setOf("netty-on-loop", "ktor-network", "virtual", "tokio")

    private val echo =
        Section(
            "echo",
            "Echo servers",
            """
            Messages a second of servers on one thread, more is better. The server has the first processor and the load, a
            program in C, the second one; each connection sends a message, reads it back whole and sends the next. All servers
            run from the beginning, and are idle but for the one that is measured; each warms up with as many connections and
            as large messages as are measured then. Virtual threads run on the newer JDK, what else is on a JVM runs on the
            older one.
            """,
            listOf(echoes(10, withBare = true), echoes(1_000, withBare = true)),
            listOf("Ten connections", "A thousand connections"),
            """
            The bare loop is what one thread of the JVM can do at most, with nothing around a selector. Bytes that are lent to
            a protocol, or received into a buffer of the program's own, are not copied; arrays are. A thousand connections keep
            a thousand messages under way, and what they touch no longer fits into the processor's cache.
            """,
        )

    private val tls =
        Section(
            "tls",
            "Echo servers over TLS",
            """
            The same with ten connections over TLS 1.3 and a certificate with an elliptic key; handshakes are not counted.
            tokio has no server here.
            """,
            listOf(echoes(10, withBare = false)),
        )

    private val http =
        Section(
            "http",
            "HTTP",
            """
            Requests a second of 64 connections for a document of 1 KiB: clients ask nginx, or Simul's own server where there
            is no nginx, and servers answer `wrk`, or Simul's own client, over TLS always. Each side has a processor of its
            own. `./simul bench http` measures more sizes, connections and processors, in an hour.
            """,
            listOf(
                Table(
                    "client",
                    listOf("client/TCP" called "HTTP", "client/TLS" called "HTTPS"),
                    listOf(
                        "simul" called "**Simul, by hand**",
                        "simul-ktor" called "**Ktor's client on Simul**",
                        "simul-jdk" called "**JDK's client, awaited in bodies**",
                        "ktor-cio" called "Ktor's client on CIO",
                        "ktor-okhttp" called "Ktor's client on OkHttp",
                        "jdk" called "JDK's client alone",
                        "aiohttp" called "aiohttp, asyncio",
                        "aiohttp-uvloop" called "aiohttp, uvloop",
                        "go" called "Go",
                    ),
                    listOf(
                        "simul" to listOf("aiohttp", "aiohttp-uvloop", "go"),
                        "simul-ktor" to listOf("ktor-cio", "ktor-okhttp"),
                        "simul-jdk" to listOf("jdk"),
                    ),
                    lowerIsBetter = false,
                    programsDown = true,
                ),
                servers(listOf("server/TCP" called "HTTP", "server/TLS" called "HTTPS"), lowerIsBetter = false),
                servers(listOf("server/p50" called "p50", "server/p99" called "p99", "server/p99.9" called "p99.9"), lowerIsBetter = true),
            ),
            listOf("Clients", "Servers", "Microseconds an answer takes, at 2,000 requests a second"),
        )

    private fun servers(
        rows: List<Label>,
        lowerIsBetter: Boolean,
    ) = Table(
        "server",
        rows,
        listOf(
            "simul" called "**Simul, by hand**",
            "simul-ktor" called "**Ktor's server on Simul**",
            "ktor-cio" called "Ktor's server on CIO",
            "go" called "Go",
            "nginx" called "nginx",
        ),
        listOf("simul" to listOf("go", "nginx"), "simul-ktor" to listOf("ktor-cio")),
        lowerIsBetter = lowerIsBetter,
        programsDown = true,
    )

    private val memory =
        Section(
            "memory",
            "Memory",
            """
            Bytes of each of very many that do nothing: of heap after a collection on JVMs, and of resident memory elsewhere.
            Bodies have a table of their own above.
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
                    ) + peers,
                    listOf("simul" to listOf("kotlinx", "virtual") + peers.map { it.key }),
                ),
            ),
        )

    private val startup =
        Section(
            "startup",
            "Start-up",
            """
            Milliseconds from the start of a process to its end, of a program that prints a line out of its first task: the
            median of several, taken in turns. JVMs have no options but the class path, and no archive of classes of their own.
            """,
            listOf(
                Table(
                    "program",
                    listOf("hello" called "ms"),
                    listOf(17, 25).flatMap {
                        listOf(
                            "jvm@$it" called "JVM alone, JDK $it",
                            "simul@$it" called "**Simul in Kotlin, JDK $it**",
                            "facade@$it" called "**Simul in Java, JDK $it**",
                            "kotlinx@$it" called "kotlinx, JDK $it",
                        )
                    } + peers,
                    listOf(
                        "simul@17" to listOf("jvm@17", "kotlinx@17") + peers.map { it.key },
                        "simul@25" to listOf("jvm@25", "kotlinx@25"),
                    ),
                    programsDown = true,
                ),
            ),
        )

    val all: List<Section> = listOf(core, bodies, growth, echo, tls, http, memory, startup)
}
