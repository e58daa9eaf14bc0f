// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.asCompleted
import dev.simul.coroutine
import dev.simul.demo.gallery.run
import dev.simul.loop.getRunningLoop
import java.net.UnknownHostException

private const val MAX_KEYWORD_LEN = 4

private val kwlist =
    (
        "False None True and as assert async await break class continue def del elif else except finally for " +
            "from global if import in is lambda nonlocal not or pass raise return try while with yield"
    ).split(" ")

private suspend fun probe(domain: String): Pair<String, Boolean> {
    val loop = getRunningLoop()
    try {
        loop.getaddrinfo(domain, 0)
    } catch (_: UnknownHostException) {
        return domain to false
    }
    return domain to true
}

internal fun domains() =
    run {
        val names = kwlist.filter { it.length <= MAX_KEYWORD_LEN }
        val domains = names.map { "$it.dev".lowercase() }
        val coros = domains.map { domain -> coroutine { probe(domain) } }
        for (coro in asCompleted(coros)) {
            val (domain, found) = coro.await()
            val mark = if (found) '+' else ' '
            println("$mark $domain")
        }
    }
