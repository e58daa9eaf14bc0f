// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.cookbook

import dev.simul.asCompleted
import dev.simul.exceptions.TimeoutException
import dev.simul.repeating.Backoff
import dev.simul.repeating.retry
import dev.simul.staggered.staggeredRace
import dev.simul.sync.RateLimiter
import dev.simul.sync.Semaphore
import dev.simul.taskGroup
import dev.simul.timeout
import dev.simul.toThread
import java.io.IOException
import java.nio.file.Files
import java.nio.file.Path
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

// The cookbook's blocks about many calls, and about calls that are slow or fail; CookbookCallsTest runs them, DocsTest compares.

suspend fun fetchAll(
    urls: List<String>,
    fetch: suspend (String) -> String,
): List<String> {
    val limiter = RateLimiter(10, 1.seconds)
    val pages = taskGroup { group -> urls.map { url -> group.createTask { limiter.use { fetch(url) } } } }
    return pages.map { it.result() }
}

suspend fun fetchPatiently(
    url: String,
    fetch: suspend (String) -> String,
): String =
    timeout(10.seconds) {
        val backoff = Backoff.exponential(200.milliseconds, max = 5.seconds).jittered()
        retry(5, backoff, { it is IOException || it is TimeoutException }) {
            timeout(3.seconds) { fetch(url) }
        }
    }

suspend fun <T, R> mapAtMost(
    limit: Int,
    items: List<T>,
    work: suspend (T) -> R,
): List<R> {
    val slots = Semaphore(limit)
    val tasks = taskGroup { group -> items.map { item -> group.createTask { slots.use { work(item) } } } }
    return tasks.map { it.result() }
}

suspend fun <T, R> asTheyCome(
    limit: Int,
    items: List<T>,
    work: suspend (T) -> R,
    receive: suspend (R) -> Unit,
) {
    val slots = Semaphore(limit)
    taskGroup { group ->
        val tasks = items.map { item -> group.createTask { slots.use { work(item) } } }
        for (next in asCompleted(tasks)) receive(next.await())
    }
}

suspend fun <T : Any> firstAnswer(servers: List<suspend () -> T>): T {
    val race = staggeredRace(servers, delay = 200.milliseconds)
    return race.result ?: throw IOException("none of ${servers.size} servers answered").apply {
        for (failure in race.exceptions) addSuppressed(failure!!)
    }
}

suspend fun <T> answersWithin(
    limit: Duration,
    calls: Map<String, suspend () -> T>,
): Map<String, T> {
    val answers = LinkedHashMap<String, T>()
    try {
        timeout(limit) {
            taskGroup { group ->
                for ((name, call) in calls) group.createTask(name) { answers[name] = call() }
            }
        }
    } catch (_: TimeoutException) {
        println("answers from ${answers.keys} only")
    }
    return answers
}

suspend fun checksum(file: Path): String =
    timeout(1.minutes) {
        toThread(interruptOnCancel = true) {
            val digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file))
            HexFormat.of().formatHex(digest)
        }
    }
