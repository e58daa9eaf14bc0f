// SPDX-License-Identifier: Apache-2.0
package dev.simul.http

import dev.simul.Task
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.net.getaddrinfo
import dev.simul.wait
import java.net.InetSocketAddress
import java.net.StandardProtocolFamily
import kotlin.time.Duration

/**
 * The addresses of hosts, which are looked up once for all who ask meanwhile, and kept for [ttl]. Failures are not kept.
 *
 * Source: `aiohttp.TCPConnector(use_dns_cache=True, ttl_dns_cache=10)`.
 */
internal class NameCache(
    private val loop: EventLoop,
    private val family: StandardProtocolFamily?,
    private val ttl: Duration,
) {
    private class Entry(
        val addresses: Task<List<InetSocketAddress>>,
    ) {
        var expiresAt: Duration? = null
    }

    private val entries = HashMap<String, Entry>()

    /** The addresses of [host], with [port]. A caller that is cancelled does not end the look-up, which others may wait for. */
    suspend fun addresses(
        host: String,
        port: Int,
    ): List<InetSocketAddress> {
        val lookUp = entry(host).addresses
        if (!lookUp.done()) wait(listOf(lookUp))
        val found = lookUp.result()
        return if (found.first().port == port) found else found.map { InetSocketAddress(it.address, port) }
    }

    private fun entry(host: String): Entry {
        entries[host]?.let { if (!it.hasExpired()) return it }
        forgetExpired()
        val lookUp = loop.createTask { loop.getaddrinfo(host, 0, family) }
        val entry = Entry(lookUp)
        entries[host] = entry
        lookUp.addDoneCallback {
            val hasFailed = it.cancelled() || it.exception() != null
            if (hasFailed || ttl == Duration.ZERO) entries.remove(host, entry) else entry.expiresAt = loop.time() + ttl
        }
        return entry
    }

    private fun Entry.hasExpired() = expiresAt.let { it != null && it <= loop.time() }

    private fun forgetExpired() = entries.values.removeIf { it.hasExpired() }
}
