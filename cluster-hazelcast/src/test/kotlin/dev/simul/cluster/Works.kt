// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import java.nio.file.Files
import java.nio.file.Path
import java.nio.file.StandardOpenOption.APPEND
import java.nio.file.StandardOpenOption.CREATE
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger

/** What works in this process tell its tests. */
internal object Seen {
    val counts = ConcurrentHashMap<String, AtomicInteger>()

    fun count(what: String): AtomicInteger = counts.computeIfAbsent(what) { AtomicInteger() }

    val latches = ConcurrentHashMap<String, CountDownLatch>()

    fun latch(name: String): CountDownLatch = latches.computeIfAbsent(name) { CountDownLatch(1) }
}

/** Each execution of work [number] is a line in a file of its process, which survives that. */
internal class Recorded(
    private val folder: String,
    private val number: Int,
    private val micros: Long = 0,
) : ClusterWork<Int> {
    override fun call(): Int {
        note(folder, "ran", "$number")
        if (micros > 0) {
            val end = System.nanoTime() + micros * 1_000
            while (System.nanoTime() < end) Thread.onSpinWait()
        }
        return number * 2
    }
}

/** Waits for an interrupt, and notes it. */
internal class Interruptible(
    private val folder: String,
    private val name: String,
) : ClusterWork<String> {
    override fun call(): String {
        note(folder, "begun", name)
        try {
            Thread.sleep(60_000)
        } catch (e: InterruptedException) {
            note(folder, "interrupted", name)
            throw e
        }
        return "nobody has interrupted $name"
    }
}

internal fun note(
    folder: String,
    what: String,
    line: String,
) {
    Files.writeString(Path.of(folder, "$what-${ProcessHandle.current().pid()}"), "$line\n", CREATE, APPEND)
}

/** All lines of that kind, from all processes. */
internal fun noted(
    folder: Path,
    what: String,
): List<String> =
    Files.list(folder).use { files ->
        files.filter { it.fileName.toString().startsWith("$what-") }.toList().flatMap { Files.readAllLines(it) }
    }
