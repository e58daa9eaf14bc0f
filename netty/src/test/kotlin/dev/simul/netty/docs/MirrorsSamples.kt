// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.repeating.retry
import dev.simul.sleep
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.timeout
import kotlinx.coroutines.CancellationException
import java.io.IOException
import java.util.concurrent.TimeoutException
import kotlin.time.Duration.Companion.milliseconds

// The program that the guides for those who come from elsewhere show in both systems; MirrorsTest runs it, DocsTest compares.

class Mirrors {
    private val delays = mapOf("near" to 100, "flaky" to 250, "gone" to 100, "slow" to 60_000)
    private val refused = HashSet<String>()
    var requests = 0

    suspend fun ask(mirror: String): Int {
        requests++
        sleep(delays.getValue(mirror).milliseconds)
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
        val files = gate.use { retry(2) { timeout(700.milliseconds) { mirrors.ask(mirror) } } }
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
    val files = LinkedHashMap<String, Int>()
    try {
        timeout(1500.milliseconds) {
            taskGroup { group ->
                for (mirror in listOf("near", "flaky", "gone", "slow")) {
                    group.createTask { fetch(mirrors, mirror, gate)?.let { files[mirror] = it } }
                }
            }
        }
    } catch (_: TimeoutException) {
        // What has come by now counts.
    }
    println("${files.values.sum()} files from ${files.keys}, ${mirrors.requests} requests")
}
