// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.context.CurrentContext
import dev.simul.exceptions.CancelledException
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import dev.simul.loop.Timer
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Delay
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.DisposableHandle
import kotlinx.coroutines.InternalCoroutinesApi
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.cancel
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume
import kotlin.time.Duration.Companion.milliseconds

/**
 * A dispatcher for kotlinx coroutines that run on this loop without being tasks, as in `CoroutineScope(loop.dispatcher)` and
 * `withContext(loop.dispatcher)`; its `delay` goes by the loop's clock.
 *
 * Every resumption is a callback of its own. Once the loop is closed, coroutines dispatched to it are cancelled.
 */
public val EventLoop.dispatcher: CoroutineDispatcher get() = dispatchers[this]

private val dispatchers = LoopLocal(initial = ::EventLoopDispatcher)

@OptIn(InternalCoroutinesApi::class)
internal class EventLoopDispatcher(
    val loop: EventLoop,
) : CoroutineDispatcher(),
    Delay {
    override fun dispatch(
        context: CoroutineContext,
        block: Runnable,
    ) = dispatch(context, block, null)

    /** Runs [block] in the loop, on behalf of [task] if there is one. */
    fun dispatch(
        context: CoroutineContext,
        block: Runnable,
        task: TaskBridge?,
    ) {
        val dispatched = Dispatched(context, block, task)
        when {
            !loop.isClosed -> loop.enqueueThreadsafe(dispatched)
            loop.hasCrashed -> {}
            else -> {
                context.cancel(CancelledException("Event loop is closed"))
                runAfterClose(context, dispatched)
            }
        }
    }

    /** A simulation's own thread does it between the turns of its hosts. */
    private fun runAfterClose(
        context: CoroutineContext,
        dispatched: Dispatched,
    ) {
        val simulation = loop.simulatedBy
        if (simulation != null && simulation.isOwnThread) {
            simulation.runLater { inContextOfLoop(dispatched) }
        } else {
            afterClose.dispatch(context) { inContextOfLoop(dispatched) }
        }
    }

    private inner class Dispatched(
        private val context: CoroutineContext,
        private val block: Runnable,
        private val task: TaskBridge?,
    ) : Callback {
        override fun run() =
            loop.current.runDetached {
                if (task == null) block.run() else task.resume(context, block)
            }

        override fun dropped() = dispatch(context, block, task)
    }

    override fun dispatchYield(
        context: CoroutineContext,
        block: Runnable,
    ) {
        queueDueTimeouts()
        dispatch(context, block)
    }

    /** How many timeouts of foreign code have neither expired nor been disposed of; counted in the loop. */
    private var timeouts = 0

    /** Queues the timeouts that expired while a task was computing, so that they run before that task's next turn. */
    fun queueDueTimeouts() {
        if (loop.isInLoop && timeouts > 0) loop.queueDueTimers()
    }

    /** After the close, the remaining frames still share the loop's objects: one thread at a time. */
    private val afterClose by lazy { Dispatchers.IO.limitedParallelism(1) }

    private fun inContextOfLoop(dispatched: Dispatched) {
        CurrentContext.take(loop.current)
        try {
            dispatched.run()
        } finally {
            CurrentContext.leave()
        }
    }

    override fun scheduleResumeAfterDelay(
        timeMillis: Long,
        continuation: CancellableContinuation<Unit>,
    ) {
        val handle = invokeOnTimeout(timeMillis, { continuation.resume(Unit) }, continuation.context)
        continuation.invokeOnCancellation { handle.dispose() }
    }

    override fun invokeOnTimeout(
        timeMillis: Long,
        block: Runnable,
        context: CoroutineContext,
    ): DisposableHandle {
        val timeout = LoopTimeout(block)
        val deadline = loop.deadlineAfter(timeMillis.milliseconds)
        loop.runInLoop { timeout.start(deadline) }
        return timeout
    }

    override fun toString(): String = "the dispatcher of $loop"

    /** A timer of foreign code, which may dispose of it in any thread. */
    private inner class LoopTimeout(
        private val block: Runnable,
    ) : DisposableHandle {
        private var timer: Timer? = null
        private var isOver = false

        fun start(deadlineNanos: Long) {
            if (isOver || loop.isClosed) return
            timeouts++
            timer = BlockTimer(deadlineNanos, this).also(loop::add)
        }

        fun expired() {
            end()
            block.run()
        }

        private fun end() {
            if (!isOver && timer != null) timeouts--
            isOver = true
        }

        override fun dispose() =
            loop.runInLoop {
                end()
                timer?.cancel()
            }
    }

    private inner class BlockTimer(
        deadlineNanos: Long,
        private val timeout: LoopTimeout,
    ) : Timer(loop, deadlineNanos) {
        override fun fire() = loop.current.runDetached(timeout::expired)

        /** Expires at once; the code that waits finds the loop closed. */
        override fun dropped() = timeout.expired()
    }
}

/** Runs [block] now if this is the loop's thread, otherwise in the loop. */
internal inline fun EventLoop.runInLoop(crossinline block: () -> Unit) {
    if (isInLoop) {
        block()
    } else if (!isClosed) {
        enqueueThreadsafe(Callback { current.runDetached { block() } })
    }
}
