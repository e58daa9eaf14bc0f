// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.DefaultExecutor
import dev.simul.OutsideWork
import dev.simul.SingleWaiter
import dev.simul.exceptions.isCancellation
import dev.simul.loop.EventLoop
import dev.simul.loop.News
import dev.simul.loop.getRunningLoop
import dev.simul.loop.startingThread
import dev.simul.loop.surely
import dev.simul.transports.OpenTransports
import dev.simul.transports.Releasable
import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException
import java.util.concurrent.atomic.AtomicReference

/**
 * A call of the file system by a thread, for which one task waits.
 *
 * A call whose task is cancelled is abandoned: if it has not begun, it never does; otherwise it goes on, and [discard] gets its result. The
 * thread is never interrupted, since that would close a channel. Others may wait for the end of an abandoned call by [whenOver].
 *
 * @param operation describes the call, for reports; so does [subject].
 * @param executor runs the block; null stands for the loop's default one.
 * @param discard releases a result that nobody gets, in a thread.
 * @param mustRun whether the block runs even if it is abandoned before it begins: for those that clean up.
 */
internal class FileCall<T>(
    loop: EventLoop,
    operation: String,
    private val subject: Any,
    private val executor: Executor? = null,
    private val discard: ((T) -> Unit)? = null,
    private val mustRun: Boolean = false,
    private val block: (FileCall<T>) -> T,
) : News(loop) {
    private enum class State { NEW, RUNNING, ENDED, ABANDONED, WITHDRAWN }

    private val state = AtomicReference(State.NEW)
    private val waiter = SingleWaiter(loop, operation, subject)
    private val listeners = ArrayList<() -> Unit>(1)
    private val pending = if (discard == null) null else Pending()
    private var value: T? = null

    /** The call that releases a result for which the task was too late. */
    private var discarding: FileCall<*>? = null

    /** What the block threw; null until it has ended. */
    var failure: Throwable? = null
        private set

    /** Whether no thread has or will have anything to do with this. */
    private var isOver = false

    /** Whether the task has given up; asked by the block, which may then end early. */
    val isAbandoned: Boolean get() = state.get() == State.ABANDONED && !mustRun

    /** Starts the call when [previous] is over, and waits for its result. Only a call that must run may have to wait for its start. */
    suspend fun await(previous: FileCall<*>? = null): T {
        startAfter(previous)
        try {
            waiter.await()
        } catch (e: Throwable) {
            abandon()
            throw e
        } finally {
            forget()
        }
        failure?.let { throw it }
        @Suppress("UNCHECKED_CAST")
        return value as T
    }

    fun startAfter(previous: FileCall<*>?) = if (previous == null) start() else previous.whenOver(::start)

    private fun start() {
        pending?.let { OpenTransports[loop].add(it) }
        OutsideWork[loop].begin()
        try {
            submit(::perform)
        } catch (e: Throwable) {
            OutsideWork[loop].end()
            forget()
            isOver = true
            throw e
        }
    }

    /** Runs [work] in a thread; here if there is none, provided that it must be done. */
    private fun submit(work: () -> Unit) {
        try {
            val executor = executor ?: DefaultExecutor[loop].get()
            startingThread { executor.execute(work) }
        } catch (e: IllegalStateException) {
            if (mustRun) work() else throw e
        } catch (e: RejectedExecutionException) {
            if (mustRun) work() else throw e
        }
    }

    private fun forget() {
        pending?.let { OpenTransports[loop].remove(it) }
    }

    private fun perform() {
        if (!state.compareAndSet(State.NEW, State.RUNNING)) return
        // Earlier work of the thread may have left an interrupt, which would close the channel.
        val wasInterrupted = Thread.interrupted()
        try {
            value = block(this)
        } catch (e: Throwable) {
            failure = e
        }
        if (wasInterrupted) Thread.currentThread().interrupt()
        if (!state.compareAndSet(State.RUNNING, State.ENDED)) discardHere()
        surely { tell() }
    }

    private fun discardHere() {
        val discard = discard ?: return
        if (failure != null) return
        @Suppress("UNCHECKED_CAST")
        runCatching { discard(value as T) }
    }

    private fun abandon() {
        when {
            state.get() == State.ENDED -> discardElsewhere()
            !mustRun && state.compareAndSet(State.NEW, State.WITHDRAWN) -> {
                OutsideWork[loop].end()
                end()
            }
            !state.compareAndSet(State.RUNNING, State.ABANDONED) && state.get() == State.ENDED -> discardElsewhere()
        }
    }

    /** The thread has ended, and the task was cancelled before it got the result. */
    private fun discardElsewhere() {
        if (discard == null) return
        discarding = FileCall(loop, "the end of a cancelled call", subject, mustRun = true) { discardHere() }.also { it.start() }
    }

    override fun hear() {
        if (isOver) return
        OutsideWork[loop].end()
        end()
        waiter.wake()
    }

    private fun end() {
        isOver = true
        for (listener in listeners) listener()
        listeners.clear()
    }

    /** Calls [listener] in the loop when no thread works for this, now or later; before the task resumes. */
    fun whenOver(listener: () -> Unit) {
        if (isOver) listener() else listeners += listener
    }

    /** As [await]; if the task is cancelled, this waits, unless it is cancelled once more, until the thread has cleaned up. */
    suspend fun awaitToTheEnd(): T =
        try {
            await()
        } catch (e: Throwable) {
            if (e.isCancellation) awaitEnd()
            throw e
        }

    private suspend fun awaitEnd() {
        if (!isOver) {
            val end = SingleWaiter(loop, "the end of a cancelled call", subject)
            whenOver(end::wake)
            end.await()
        }
        discarding?.awaitEnd()
    }

    /** What would be lost if the loop closed now. */
    private inner class Pending : Releasable {
        override fun release() = abandon()

        override fun toString() = "$subject, by a thread"
    }
}

/** Runs [block] in a thread of the running loop's default executor, as a [FileCall]. */
internal suspend fun <T> inFileThread(
    operation: String,
    subject: Any,
    discard: ((T) -> Unit)? = null,
    mustRun: Boolean = false,
    block: (FileCall<T>) -> T,
): T = FileCall(getRunningLoop(), operation, subject, null, discard, mustRun, block).await()

/** As [inFileThread]; if the task is cancelled, this waits until the thread has cleaned up. */
internal suspend fun <T> inFileThreadToTheEnd(
    operation: String,
    subject: Any,
    discard: ((T) -> Unit)? = null,
    mustRun: Boolean = false,
    block: (FileCall<T>) -> T,
): T = FileCall(getRunningLoop(), operation, subject, null, discard, mustRun, block).awaitToTheEnd()
