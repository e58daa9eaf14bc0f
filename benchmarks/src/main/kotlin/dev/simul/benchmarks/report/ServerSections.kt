// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** The sections about servers and their clients. */
internal object ServerSections {
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

    val echo =
        Section(
            "echo",
            "Echo servers",
            """
            Messages a second of servers on one thread, the best of the rounds; more is better. The server has the first
            processor and the load, a program in C, the second one; each connection sends a message, reads it back whole and
            sends the next. All servers run from the beginning, and are idle but for the one that is measured; each warms up
            with as many connections and as large messages as are measured then. Virtual threads run on the newer JDK, what
            else is on a JVM runs on the older one.
            """,
            listOf(echoes(10, withBare = true), echoes(1_000, withBare = true)),
            listOf("Ten connections", "A thousand connections"),
            """
            The bare loop is a selector with nothing around it. Bytes that are lent to a protocol, or received into a buffer of
            the program's own, are not copied; arrays are. A thousand connections keep a thousand messages under way.
            """,
        )

    val tls =
        Section(
            "tls",
            "Echo servers over TLS",
            """
            The same with ten connections over TLS 1.3 and a certificate with an elliptic key; handshakes are not counted.
            tokio has no server here.
            """,
            listOf(echoes(10, withBare = false)),
        )

    val http =
        Section(
            "http",
            "HTTP",
            """
            Requests a second of 64 connections for a document of 1 KiB: clients ask nginx, or Simul's own server where there
            is no nginx, and servers answer `wrk`, or Simul's own client, over TLS always. Each side has a processor of its
            own. The median of the rounds counts; what an answer takes is measured once. `./simul bench http` measures more
            sizes, connections and processors, in an hour.
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
}
