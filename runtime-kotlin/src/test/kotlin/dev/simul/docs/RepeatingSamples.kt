// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.coroutine
import dev.simul.exceptions.TimeoutException
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.repeating.Backoff
import dev.simul.repeating.every
import dev.simul.repeating.retry
import dev.simul.sleep
import dev.simul.sync.RateLimiter
import dev.simul.timeout
import dev.simul.toThread
import java.io.IOException
import java.net.Socket
import java.util.concurrent.BlockingQueue
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

// The blocks of the guide to what is done again and again; RepeatingSamplesTest runs them, DocsTest compares.

/** When each address was fetched; the first two calls hang or fail. */
internal val fetched = mutableListOf<Duration>()

private suspend fun fetch(address: String): String {
    fetched += getRunningLoop().time()
    if (address == "bad" && fetched.size == 1) throw IOException("refused")
    if (address == "bad" && fetched.size == 2) sleep(99.seconds)
    return "the page of $address"
}

suspend fun robustly(address: String): String {
    val backoff = Backoff.exponential(100.milliseconds, max = 10.seconds).jittered()
    return retry(5, backoff, { it is IOException || it is TimeoutException }) {
        timeout(2.seconds) { fetch(address) }
    }
}

suspend fun crawl(addresses: List<String>): List<String> {
    val limiter = RateLimiter(10, 1.seconds)
    return gather(addresses.map { address -> coroutine { limiter.use { fetch(address) } } }).await()
}

suspend fun heartbeat(send: suspend (String) -> Unit) {
    every(10.seconds) { send("ping") }
}

suspend fun nextJob(jobs: BlockingQueue<String>): String = toThread(interruptOnCancel = true) { jobs.take() }

suspend fun readAll(socket: Socket): ByteArray = toThread(onCancel = socket::close) { socket.getInputStream().readAllBytes() }
