// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.exceptions.TimeoutException
import dev.simul.sleep
import dev.simul.sync.Lock
import dev.simul.taskGroup
import dev.simul.testing.runTest
import dev.simul.timeout
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds

// The blocks of the README's Kotlin but for its first program; DocsTest compares them with this file, and runs them.

suspend fun fetchAll(urls: List<String>) =
    try {
        timeout(10.seconds) {
            taskGroup { group ->
                urls.map { url -> group.createTask(name = url) { fetch(url) } }
            }.map { it.result() }
        }
    } catch (e: TimeoutException) {
        emptyList()
    }

private suspend fun fetch(url: String): String {
    sleep(if (url == "slow") 1.hours else 1.seconds)
    return "the page of $url"
}

fun deadlock() {
    runTest {
        val lock = Lock()
        lock.acquire()
        lock.acquire()
    }
}
