// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.Collected
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import dev.simul.loop.Origin
import dev.simul.loop.getRunningLoopOrNull
import java.lang.ref.Cleaner
import java.util.Collections

/**
 * A call that has not begun: the result of calling an `async def` function in Python.
 *
 * It runs once: [await] runs it in the calling task, without a task of its own and without giving up the turn; [createTask], [gather] and
 * the like run it as a task.
 *
 * Source: Python's coroutine objects.
 */
public class Coroutine<T> internal constructor(
    private var block: (suspend () -> T)?,
) : Awaitable<T>,
    AutoCloseable {
    private val neverAwaited = getRunningLoopOrNull()?.takeIf { it.debug }?.let { NeverAwaited.watch(this, it) }

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
public fun <T> coroutine(block: suspend () -> T): Coroutine<T> = Coroutine(block)

/** Debug mode's report of a coroutine that was never awaited, made when it is collected or the loop closes, whichever is first. */
private class NeverAwaited private constructor(
    private val loop: EventLoop,
) : Runnable {
    private val origin = Origin()

    @Volatile
    private var pending = true
    private var cleanable: Cleaner.Cleanable? = null

    fun settled() {
        if (take()) cleanable?.clean()
    }

    /** The coroutine was collected, or is settled. A loop that no longer runs reports it when it closes. */
    override fun run() {
        if (pending && !loop.isClosed) loop.callSoonThreadsafe { report() }
    }

    private fun report() {
        if (take()) loop.callExceptionHandler(ExceptionContext("coroutine was never awaited", origin = origin))
    }

    @Synchronized
    private fun take(): Boolean {
        of[loop].remove(this)
        return pending.also { pending = false }
    }

    companion object {
        private val of =
            LoopLocal<MutableSet<NeverAwaited>>(
                onClose = { _, all -> synchronized(all) { all.toList() }.forEach { it.report() } },
                initial = { Collections.synchronizedSet(LinkedHashSet()) },
            )

        fun watch(
            coroutine: Coroutine<*>,
            loop: EventLoop,
        ): NeverAwaited {
            val report = NeverAwaited(loop)
            report.cleanable = Collected.then(coroutine, report)
            of[loop].add(report)
            return report
        }
    }
}
