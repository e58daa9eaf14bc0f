package dev.simul.benchmarks

import dev.simul.Future
import dev.simul.createTask
import dev.simul.run
import dev.simul.sleep
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.yield
import kotlin.time.Duration.Companion.ZERO

private const val TASKS = 500_000

/** `./simul bench memory`: prints how many bytes of heap a task takes that waits for a future it shares with all the others. */
public fun main() {
    println("simul   ${simulBytes()} bytes a parked task")
    println("kotlinx ${kotlinxBytes()} bytes a parked coroutine")
}

private fun simulBytes(): Long =
    run {
        val never = Future<Unit>()
        val before = usedBytes()
        repeat(TASKS) { createTask { never.await() } }
        sleep(ZERO)
        val bytes = (usedBytes() - before) / TASKS
        never.setResult(Unit)
        bytes
    }

private fun kotlinxBytes(): Long =
    runBlocking {
        val never = CompletableDeferred<Unit>()
        val before = usedBytes()
        repeat(TASKS) { launch { never.await() } }
        yield()
        val bytes = (usedBytes() - before) / TASKS
        never.complete(Unit)
        bytes
    }

internal fun usedBytes(): Long {
    repeat(3) {
        System.gc()
        Thread.sleep(50)
    }
    return Runtime.getRuntime().run { totalMemory() - freeMemory() }
}
