// SPDX-License-Identifier: Apache-2.0
package dev.simul.cancelling

import dev.simul.AsyncContextManager
import dev.simul.Future
import dev.simul.TaskGroup
import dev.simul.Timeout
import dev.simul.asCompleted
import dev.simul.coroutine
import dev.simul.createTask
import dev.simul.exceptions.TimeoutException
import dev.simul.gather
import dev.simul.generators.asyncGenerator
import dev.simul.loop.getRunningLoop
import dev.simul.repeating.Backoff
import dev.simul.repeating.every
import dev.simul.repeating.retry
import dev.simul.runInExecutor
import dev.simul.shield
import dev.simul.shutdownAsyncgens
import dev.simul.shutdownDefaultExecutor
import dev.simul.sleep
import dev.simul.staggered.staggeredRace
import dev.simul.taskGroup
import dev.simul.timeout
import dev.simul.timeoutAt
import dev.simul.toThread
import dev.simul.use
import dev.simul.wait
import dev.simul.waitFor
import io.kotest.matchers.shouldBe
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlin.time.times

internal val SECOND = 1.seconds

/** Does [block], whose time runs out. */
private inline fun expires(block: () -> Unit) {
    try {
        block()
    } catch (_: TimeoutException) {
        return
    }
    error("the time has not run out")
}

/** Tasks, and all ways to wait for them. */
internal fun CancelTable.tasks() {
    line("sleep") {
        sleep(Duration.ZERO)
        sleep(SECOND)
        sleep(SECOND, "result") shouldBe "result"
    }
    line("Future.await") {
        val future = Future<Int>()
        val timer = getRunningLoop().callLater(SECOND) { if (!future.done()) future.setResult(42) }
        try {
            future.await() shouldBe 42
        } finally {
            timer.cancel()
        }
    }
    line("Future.await", "of a task") { createTask { sleep(SECOND) }.await() }
    line("Coroutine.await", "Awaitable.await") { coroutine { sleep(SECOND) }.await() }
    line("gather") { gather({ sleep(SECOND) }, { sleep(2 * SECOND) }, { sleep(Duration.ZERO) }).await() }
    line("wait") {
        val tasks = List(2) { createTask { sleep(SECOND * (it + 1)) } }
        try {
            wait(tasks, timeout = SECOND * 1.5)
            wait(tasks)
        } finally {
            tasks.forEach { it.cancel() }
        }
    }
    line("waitFor") {
        waitFor(2 * SECOND) { sleep(SECOND) }
        expires { waitFor(SECOND) { sleep(2 * SECOND) } }
        waitFor(createTask { sleep(SECOND) }, 2 * SECOND)
    }
    line("shield") {
        val inner = createTask { sleep(SECOND) }
        try {
            shield(inner).await()
        } finally {
            inner.cancel()
        }
    }
    line("AsCompleted.collect", "asCompleted") {
        fun start() = List(3) { createTask { sleep(SECOND * it) } }
        val first = start()
        val second = start()
        try {
            for (next in asCompleted(first, 4 * SECOND)) next.await()
            asCompleted(second).collect { it.await() }
        } finally {
            (first + second).forEach { it.cancel() }
        }
    }
    line("timeout") {
        timeout(2 * SECOND) { sleep(SECOND) }
        expires { timeout(SECOND) { sleep(2 * SECOND) } }
    }
    line("timeoutAt") { timeoutAt(getRunningLoop().time() + 2 * SECOND) { sleep(SECOND) } }
    line("Timeout.aenter", "Timeout.aexit") { (Timeout.after(2 * SECOND) as AsyncContextManager<*>).use { sleep(SECOND) } }
    line("taskGroup", "TaskGroup.leave") {
        taskGroup { group ->
            group.createTask { sleep(SECOND) }
            group.createTask { sleep(2 * SECOND) }
            sleep(Duration.ZERO)
        }
    }
    line("TaskGroup.aenter", "TaskGroup.aexit", "AsyncContextManager.aenter", "AsyncContextManager.aexit") {
        (TaskGroup() as AsyncContextManager<TaskGroup>).use { group -> group.createTask { sleep(SECOND) } }
    }
    line("staggeredRace") {
        staggeredRace(listOf(suspend { sleep(3 * SECOND) }, suspend { sleep(SECOND) }, suspend { sleep(Duration.ZERO) }), SECOND)
    }
    line("retry", "Retries.pause") {
        var attempts = 0
        retry(3, Backoff.exponential(SECOND)) {
            sleep(SECOND)
            if (++attempts < 3) throw IOException()
        }
    }
    line("every", "Ticks.awaitFirst", "Ticks.awaitNext") {
        var runs = 0

        suspend fun thrice() {
            every(SECOND, initialDelay = SECOND) {
                sleep(SECOND * runs)
                if (++runs == 3) return
            }
        }
        thrice()
    }
    line("toThread", options = SAMPLED) { toThread { Thread.sleep(1) } }
    line("toThread", "told to stop", options = SAMPLED) {
        toThread(interruptOnCancel = true, onCancel = {}) { Thread.sleep(1) }
    }
    line("runInExecutor", options = SAMPLED) { List(3) { getRunningLoop().runInExecutor { Thread.sleep(1) } }.forEach { it.await() } }
    line("shutdownDefaultExecutor", options = SAMPLED) {
        getRunningLoop().runInExecutor { Thread.sleep(1) }
        getRunningLoop().shutdownDefaultExecutor(30.seconds)
    }
    line("shutdownAsyncgens") {
        val numbers =
            asyncGenerator<Int> {
                try {
                    yield(1)
                } finally {
                    sleep(10.milliseconds)
                }
            }
        try {
            numbers.anext()
            getRunningLoop().shutdownAsyncgens()
        } finally {
            numbers.aclose()
        }
    }
}
