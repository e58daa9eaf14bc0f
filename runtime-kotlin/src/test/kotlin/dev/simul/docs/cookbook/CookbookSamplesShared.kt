// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.cookbook

import dev.simul.AsyncCloseable
import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.generators.AsyncExitStack
import dev.simul.generators.enterAsyncContext
import dev.simul.loop.getRunningLoop
import dev.simul.shield
import dev.simul.sync.Condition
import dev.simul.sync.Semaphore
import dev.simul.timeout
import kotlin.time.Duration

// The cookbook's blocks about what several tasks share; CookbookSharedTest runs them, DocsTest compares.

class Pool<T : AsyncCloseable>(
    size: Int,
    private val open: suspend () -> T,
) : AsyncCloseable {
    private val slots = Semaphore(size)
    private val idle = ArrayDeque<T>()
    private var isClosed = false

    suspend fun <R> use(block: suspend (T) -> R): R =
        slots.use {
            check(!isClosed) { "the pool is closed" }
            val resource = idle.removeLastOrNull() ?: open()
            var isSound = false
            try {
                block(resource).also { isSound = true }
            } finally {
                if (isSound && !isClosed) idle.addLast(resource) else resource.aclose()
            }
        }

    override suspend fun aclose() {
        isClosed = true
        AsyncExitStack().use { stack ->
            while (idle.isNotEmpty()) stack.enterAsyncContext(idle.removeLast())
        }
    }
}

class Cache<K, V>(
    private val timeToLive: Duration,
    private val load: suspend (K) -> V,
) {
    private val loads = HashMap<K, Task<V>>()

    suspend fun get(key: K): V = shield(loads.getOrPut(key) { startLoad(key) }).await()

    private fun startLoad(key: K): Task<V> {
        val task = createTask(name = "load $key") { load(key) }
        task.addDoneCallback {
            if (task.cancelled() || task.exception() != null) {
                loads.remove(key)
            } else {
                getRunningLoop().callLater(timeToLive) { loads.remove(key) }
            }
        }
        return task
    }
}

class Board {
    private val changed = Condition()
    private val posts = ArrayList<String>()

    suspend fun post(text: String) {
        changed.use {
            posts += text
            changed.notifyAll()
        }
    }

    /** The posts after the first [seen] ones; waits for one, and gives an empty list if none has come after [patience]. */
    suspend fun postsAfter(
        seen: Int,
        patience: Duration,
    ): List<String> =
        try {
            timeout(patience) {
                changed.use {
                    changed.waitFor { posts.size > seen }
                    posts.drop(seen)
                }
            }
        } catch (_: TimeoutException) {
            emptyList()
        }
}
