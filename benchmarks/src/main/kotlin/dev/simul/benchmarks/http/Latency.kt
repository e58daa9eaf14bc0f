// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks.http

import dev.simul.createTask
import dev.simul.http.Headers
import dev.simul.http.HttpConnector
import dev.simul.http.HttpConnectorOptions
import dev.simul.http.HttpRoute
import dev.simul.http.RequestHead
import dev.simul.sleep
import java.net.URI
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.milliseconds
import dev.simul.run as runLoop

/**
 * Asks a server at a fixed rate, and prints how long the answers took: p50, p99 and p99.9 in microseconds.
 *
 * The time of a request counts from the moment it was due, whether or not it could begin then, so that a server that stops for a while
 * pays for all the requests of that while. Arguments: the URL, the requests a second, and how many seconds to warm up and to measure.
 */
internal object Latency {
    @JvmStatic
    fun main(args: Array<String>) {
        val (url, rate, warmUp, measured) = args
        val target = URI(url)
        val gap = 1_000_000_000L / rate.toLong()
        val latencies = LongArray((measured.toLong() * rate.toLong()).toInt())
        val skipped = (warmUp.toLong() * rate.toLong()).toInt()
        runLoop {
            val connector = HttpConnector(options = HttpConnectorOptions(limit = CONNECTIONS))
            val route = HttpRoute(target.host, target.port)
            val head = RequestHead("GET", target.path, Headers.of("Host" to target.authority))
            val began = System.nanoTime()
            var left = latencies.size
            for (number in 0 until skipped + latencies.size) {
                val due = began + number * gap
                // A timer would be late by up to a millisecond; the load has a processor of its own.
                while (due > System.nanoTime()) sleep(ZERO)
                createTask {
                    connector.request(route, head).body.read()
                    if (number >= skipped) {
                        latencies[number - skipped] = System.nanoTime() - due
                        left--
                    }
                }
            }
            while (left > 0) sleep(1.milliseconds)
            connector.close()
        }
        latencies.sort()
        println(listOf(0.5, 0.99, 0.999).joinToString(" ") { "${latencies[(latencies.size * it).toInt()] / 1_000}" })
    }

    private const val CONNECTIONS = 64
}
