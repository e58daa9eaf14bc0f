// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.loop.getRunningLoop
import dev.simul.runLoop
import dev.simul.setDefaultExecutor
import dev.simul.testing.ReportedErrors
import io.kotest.assertions.withClue
import io.kotest.matchers.shouldBe
import java.nio.file.Files
import java.nio.file.Path
import java.util.concurrent.AbstractExecutorService
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit
import kotlin.io.path.Path
import kotlin.io.path.createTempDirectory
import kotlin.io.path.deleteRecursively
import kotlin.io.path.isDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name

/** Runs [body] on a loop, with a new directory. Then no errors were reported, and nothing in the directory is open any longer. */
internal fun onFiles(body: suspend (Path) -> Unit) {
    val folder = createTempDirectory("files")
    val errors = ReportedErrors()
    try {
        runLoop {
            getRunningLoop().exceptionHandler = errors.handler
            body(folder)
        }
        errors.check()
        val deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30)
        while (openBelow(folder).isNotEmpty() && System.nanoTime() < deadline) Thread.sleep(5)
        withClue("what is open") { openBelow(folder) shouldBe emptyList() }
    } finally {
        @OptIn(kotlin.io.path.ExperimentalPathApi::class)
        folder.deleteRecursively()
    }
}

private val DESCRIPTORS = Path("/proc/self/fd")

/** The descriptors of files below [folder] that this process has open; none where that cannot be asked. */
internal fun openBelow(folder: Path): List<String> {
    if (!DESCRIPTORS.isDirectory()) return emptyList()
    return DESCRIPTORS
        .listDirectoryEntries()
        .mapNotNull { runCatching { Files.readSymbolicLink(it).toString() }.getOrNull() }
        .filter { it.startsWith(folder.toString()) }
}

internal fun namesIn(folder: Path): List<String> = folder.listDirectoryEntries().map { it.name }.sorted()

/** Makes the threads of the running loop wait: what it is given runs only when the test says so, in a thread of its own. */
internal class HeldExecutor(
    private val around: (() -> Unit) -> Unit,
) : AbstractExecutorService() {
    private val held = LinkedBlockingQueue<Runnable>()
    private var isHolding = true

    /** How many works there were. */
    var count = 0
        private set

    override fun execute(work: Runnable) {
        count++
        if (isHolding) held.put(work) else start(work)
    }

    private fun start(work: Runnable) = Thread({ around(work::run) }, "held").apply { isDaemon = true }.also(Thread::start)

    val size: Int get() = held.size

    /** Runs what is held to its end. */
    fun runHeld() {
        while (true) start(held.poll() ?: return).join()
    }

    /** From now on nothing is held. */
    fun letGo() {
        isHolding = false
        runHeld()
    }

    override fun shutdown() = letGo()

    override fun shutdownNow(): List<Runnable> = emptyList<Runnable>().also { letGo() }

    override fun isShutdown() = !isHolding

    override fun isTerminated() = !isHolding

    override fun awaitTermination(
        timeout: Long,
        unit: TimeUnit,
    ) = true
}

/** @param around runs what the threads do. */
internal fun holdThreads(around: (() -> Unit) -> Unit = { it() }): HeldExecutor =
    HeldExecutor(around).also(getRunningLoop()::setDefaultExecutor)
