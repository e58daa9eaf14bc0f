// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.asCompleted
import dev.simul.coroutine
import dev.simul.demo.gallery.run
import dev.simul.generators.AsyncGenerator
import dev.simul.generators.asyncGenerator
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import java.net.UnknownHostException

internal data class Result(
    val domain: String,
    val found: Boolean,
)

internal suspend fun probe(
    domain: String,
    loop: EventLoop = getRunningLoop(),
): Result {
    try {
        loop.getaddrinfo(domain, 0)
    } catch (_: UnknownHostException) {
        return Result(domain, false)
    }
    return Result(domain, true)
}

internal fun multiProbe(domains: Iterable<String>): AsyncGenerator<Result, Nothing> =
    asyncGenerator {
        val loop = getRunningLoop()
        val coros = domains.map { domain -> coroutine { probe(domain, loop) } }
        for (coro in asCompleted(coros)) yield(coro.await())
    }

internal fun multiProbe() =
    run {
        val domains = listOf("and.dev", "as.dev", "if.dev", "in.dev", "is.dev", "or.dev", "with.dev")
        for ((domain, found) in multiProbe(domains)) {
            val indent = if (found) "" else "\t\t"
            println("$indent$domain")
        }
    }
