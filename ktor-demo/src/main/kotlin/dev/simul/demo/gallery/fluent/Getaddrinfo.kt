// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.facade.Asyncio
import dev.simul.facade.Future
import dev.simul.loop.EventLoop
import dev.simul.sleep
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.UnknownHostException
import java.util.concurrent.Callable
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.toJavaDuration

/**
 * Stands in for [dev.simul.net.getaddrinfo], which asks the network in a thread of the executor. This one knows few names, and takes
 * the same time for each at all times. A program that imports the other one asks the network.
 */
internal suspend fun EventLoop.getaddrinfo(
    host: String,
    port: Int,
): List<InetSocketAddress> {
    sleep(latency(host))
    return addresses(host, port)
}

/** The same for Java, instead of [dev.simul.facade.EventLoop.getaddrinfo]: `await(getRunningLoop().getaddrinfo(host, port))`. */
internal object Names {
    @JvmStatic
    fun getaddrinfo(
        host: String,
        port: Int,
    ): Future<List<InetSocketAddress>> =
        Asyncio.createTask(
            Callable {
                Asyncio.sleep(latency(host).toJavaDuration()).await()
                addresses(host, port)
            },
        )
}

private fun latency(host: String): Duration = (known[host] ?: unknown[host] ?: 200).milliseconds

private fun addresses(
    host: String,
    port: Int,
): List<InetSocketAddress> {
    if (host !in known) throw UnknownHostException("$host: Name or service not known")
    return listOf(InetSocketAddress(InetAddress.getByAddress(host, byteArrayOf(192.toByte(), 0, 2, 1)), port))
}

/** Names that there are, with the milliseconds until the answer. */
private val known =
    mapOf(
        "golang.org" to 24,
        "python.org" to 31,
        "rust-lang.org" to 57,
        "elif.dev" to 38,
        "def.dev" to 45,
        "in.dev" to 61,
        "for.dev" to 73,
        "as.dev" to 84,
        "is.dev" to 97,
        "try.dev" to 119,
        "and.dev" to 142,
        "not.dev" to 158,
    )

/** Names that there are not, with the milliseconds until that is known. */
private val unknown =
    mapOf(
        "no-lang.invalid" to 43,
        "with.dev" to 29,
        "from.dev" to 49,
        "else.dev" to 52,
        "or.dev" to 58,
        "del.dev" to 66,
        "if.dev" to 91,
        "none.dev" to 103,
        "pass.dev" to 108,
        "true.dev" to 176,
    )
