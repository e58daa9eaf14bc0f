// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.cookbook

import dev.simul.queues.Queue
import dev.simul.queues.QueueShutDown
import dev.simul.taskGroup
import kotlinx.coroutines.CancellationException

// The cookbook's blocks about queues; CookbookQueuesTest runs them, DocsTest compares.

suspend fun countWords(
    urls: List<String>,
    fetch: suspend (String) -> String,
    store: suspend (Int) -> Unit,
) {
    val pages = Queue<String>(maxsize = 10)
    val counts = Queue<Int>(maxsize = 10)
    taskGroup { group ->
        group.createTask {
            for (url in urls) pages.put(fetch(url))
            pages.shutdown()
        }
        group.createTask {
            consume(pages) { page -> counts.put(page.split(' ').size) }
            counts.shutdown()
        }
        group.createTask { consume(counts) { count -> store(count) } }
    }
}

/** Calls [action] with each item, until the queue has been shut down and is empty. */
suspend fun <T> consume(
    queue: Queue<T>,
    action: suspend (T) -> Unit,
) {
    while (true) {
        val item =
            try {
                queue.get()
            } catch (_: QueueShutDown) {
                return
            }
        action(item)
    }
}

suspend fun work(
    jobs: Queue<String>,
    workers: Int,
    handle: suspend (String) -> Unit,
) {
    taskGroup { group ->
        repeat(workers) { number ->
            group.createTask(name = "worker $number") {
                consume(jobs) { job ->
                    try {
                        handle(job)
                    } catch (e: CancellationException) {
                        throw e
                    } catch (e: Exception) {
                        println("$job failed: ${e.message}")
                    } finally {
                        jobs.taskDone()
                    }
                }
            }
        }
    }
}

suspend fun copyAll(
    files: List<String>,
    copy: suspend (String) -> Unit,
    show: (String) -> Unit,
) {
    val copied = Queue<String>()
    taskGroup { group ->
        for (file in files) {
            group.createTask {
                copy(file)
                copied.put(file)
            }
        }
        for (done in 1..files.size) {
            val file = copied.get()
            val bar = "#".repeat(20 * done / files.size).padEnd(20, '.')
            show("$bar $done of ${files.size}: $file")
        }
    }
}

class Broadcast<T>(
    private val backlog: Int,
) {
    private val subscribers = LinkedHashSet<Queue<T>>()

    /** Gives the message to all subscribers, without waiting; one whose queue is full is dropped. */
    fun publish(message: T) {
        for (queue in subscribers.toList()) {
            if (queue.full()) {
                subscribers -= queue
                queue.shutdown()
            } else {
                queue.putNowait(message)
            }
        }
    }

    /** Runs [block] with a queue of the messages that are published meanwhile. */
    suspend fun <R> subscribe(block: suspend (Queue<T>) -> R): R {
        val queue = Queue<T>(backlog)
        subscribers += queue
        try {
            return block(queue)
        } finally {
            subscribers -= queue
        }
    }
}
