// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.report

/** What a part of the report measures with, if it is installed. */
internal enum class Tool(
    /** What the page calls it. */
    val text: String,
) {
    NEWER_JDK("a newer JDK"),
    VIRTUAL_THREADS("virtual threads (JDK 21 or newer)"),
    CPYTHON("CPython 3.11 or newer"),
    UVLOOP("uvloop"),
    NODE("Node"),
    GO("Go"),
    TOKIO("tokio (cargo, and the crates of Debian's librust-tokio-dev)"),
    AIOHTTP("aiohttp"),
    NGINX("nginx"),
    WRK("wrk"),
    ;

    companion object {
        /** Those that run the programs of `benchmarks/peers`. */
        val PEERS = setOf(CPYTHON, UVLOOP, NODE, GO, TOKIO)
    }
}
