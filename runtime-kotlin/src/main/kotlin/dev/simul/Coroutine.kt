// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.Collected
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import dev.simul.loop.callAfterCollection
import dev.simul.loop.getRunningLoopOrNull
import java.lang.ref.Cleaner

/**
 * A call that has not begun: the result of calling an `async def` function in Python.
 *
 * It runs once: [await] runs it in the calling task, without a task of its own and without giving up the turn; [createTask], [gather] and
 * the like run it as a task.
 *
 * A coroutine that is dropped without that is reported to the exception handler of the loop on which it was made, when it is collected or
 * when the loop closes, whichever is first. Of the coroutines of a loop the first thousand are watched for this, and then every 64th; in
 * debug mode all are, and the report tells where they were made.
 *
 * Source: Python's coroutine objects.
 */
public class Coroutine<T> internal constructor(
    private var block: (suspend () -> T)?,
    isOfUser: Boolean = false,
) : Awaitable<T>,
    AutoCloseable {
    private val neverAwaited = getRunningLoopOrNull()?.let { NeverAwaited.watch(this, it, isOfUser, block) }

    /**
     * Runs the coroutine to its end, in place, and returns its result.
     *
     * @throws IllegalStateException if it was awaited, passed to a task or closed before.
     */
    override suspend fun await(): T = take()()

    /** Discards the coroutine: it can no longer be awaited. Does nothing if it was awaited before. Source: `coroutine.close()`. */
    override fun close() {
        block = null
        neverAwaited?.settled()
    }

    /** Takes the block out, since a coroutine runs once. */
    internal fun take(): suspend () -> T {
        val block = block ?: throw IllegalStateException("cannot reuse already awaited coroutine: make a new one")
        close()
        return block
    }
}

/** A coroutine that runs [block] when it is awaited. Source: the call of an `async def` function. */
public fun <T> coroutine(block: suspend () -> T): Coroutine<T> = Coroutine(block, isOfUser = true)

/** As [coroutine], for calls of this library, which always run what they make. */
internal fun <T> ownCoroutine(block: suspend () -> T): Coroutine<T> = Coroutine(block)

/** The report of a coroutine that was never awaited, made when it is collected or the loop closes, whichever is first. */
private class NeverAwaited private constructor(
    private val loop: EventLoop,
    private val type: Class<*>,
) : Runnable {
    private val origin = loop.debugOrigin()

    @Volatile
    private var pending = true
    private var cleanable: Cleaner.Cleanable? = null

    fun settled() {
        if (take()) cleanable?.clean()
    }

    /** The coroutine was collected, or is settled. A loop that no longer runs reports it when it closes. */
    override fun run() {
        if (pending && !loop.isClosed) loop.callAfterCollection { report() }
    }

    private fun report() {
        if (take()) loop.callExceptionHandler(context())
    }

    private fun context() =
        ExceptionContext("coroutine was never awaited", details = mapOf("coroutine" to AwaitLines.describeBlock(type)), origin = origin)

    @Synchronized
    private fun take(): Boolean {
        of[loop].remove(this)
        return pending.also { pending = false }
    }

    /** The coroutines of a loop that are watched. */
    private class Watched {
        private val all = LinkedHashSet<NeverAwaited>()
        private var made = 0

        /** To watch a coroutine takes longer than to run it, and whoever forgets one forgets many of its kind. */
        fun includesNext(): Boolean = ++made <= FIRST_ONES || made % INTERVAL == 0

        @Synchronized
        fun add(report: NeverAwaited) = all.add(report)

        @Synchronized
        fun remove(report: NeverAwaited) = all.remove(report)

        @Synchronized
        fun toList(): List<NeverAwaited> = all.toList()
    }

    companion object {
        private const val FIRST_ONES = 1_000
        private const val INTERVAL = 64

        private val of = LoopLocal(onClose = { _, watched -> watched.toList().forEach { it.report() } }, initial = { Watched() })

        fun watch(
            coroutine: Coroutine<*>,
            loop: EventLoop,
            isOfUser: Boolean,
            block: Any?,
        ): NeverAwaited? {
            if (!loop.debug && !(isOfUser && of[loop].includesNext())) return null
            val report = NeverAwaited(loop, block!!.javaClass)
            report.cleanable = Collected.then(coroutine, report)
            of[loop].add(report)
            return report
        }
    }
}
