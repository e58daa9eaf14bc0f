// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.asDeferred
import dev.simul.createTask
import dev.simul.dispatcher
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.wrapFuture
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.retry
import kotlinx.coroutines.flow.single
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Semaphore
import kotlinx.coroutines.sync.withPermit
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.io.IOException
import java.util.Collections
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.milliseconds

/** The blocks of the guide for those who come from kotlinx.coroutines, whose names are also those of [askAll]. */
object FromKotlinx {
    class Mirrors {
        private val delays = mapOf("near" to 100, "flaky" to 250, "gone" to 100, "slow" to 60_000)
        private val refused = ConcurrentHashMap.newKeySet<String>()
        val requests = AtomicInteger()

        suspend fun ask(mirror: String): Int {
            requests.incrementAndGet()
            delay(delays.getValue(mirror).milliseconds)
            if (mirror == "gone" || (mirror == "flaky" && refused.add(mirror))) throw IOException("refused")
            return mirror.length
        }
    }

    suspend fun fetch(
        mirrors: Mirrors,
        mirror: String,
        gate: Semaphore,
    ): Int? =
        try {
            val asking = flow { emit(withTimeoutOrNull(700.milliseconds) { mirrors.ask(mirror) } ?: throw IOException("too slow")) }
            val files = gate.withPermit { asking.retry(1).single() }
            println("$mirror: $files files")
            files
        } catch (e: CancellationException) {
            println("$mirror: given up")
            throw e
        } catch (e: Exception) {
            println("$mirror: ${e.message}")
            null
        }

    suspend fun askAll() {
        val mirrors = Mirrors()
        val gate = Semaphore(2)
        val files = Collections.synchronizedMap(LinkedHashMap<String, Int>())
        withTimeoutOrNull(1500.milliseconds) {
            coroutineScope {
                for (mirror in listOf("near", "flaky", "gone", "slow")) {
                    launch { fetch(mirrors, mirror, gate)?.let { files[mirror] = it } }
                }
            }
        }
        println("${files.values.sum()} files from ${files.keys}, ${mirrors.requests} requests")
    }

    suspend fun bothWays() {
        val loop = getRunningLoop()
        val theirs =
            CoroutineScope(loop.dispatcher).async {
                delay(10.milliseconds)
                "kotlinx"
            }
        println(wrapFuture(theirs).await())
        val ours =
            createTask {
                sleep(10.milliseconds)
                "Simul"
            }
        println(withContext(Dispatchers.Default) { ours.asDeferred().await() })
    }
}
