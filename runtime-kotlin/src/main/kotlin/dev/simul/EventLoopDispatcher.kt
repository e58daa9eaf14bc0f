package dev.simul

import dev.simul.context.Seat
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
 * A dispatcher for kotlinx coroutines that live on this loop without being tasks, as in
 * `CoroutineScope(loop.dispatcher)` and `withContext(loop.dispatcher)`; its `delay` goes by the loop's clock.
 *
 * Every resumption is a callback of its own. Once the loop is closed, what is dispatched is cancelled.
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
    ) {
        if (loop.isClosed) {
            context.cancel(CancelledException("Event loop is closed"))
            afterClose.dispatch(context) { inSeat(block) }
        } else {
            loop.enqueueThreadsafe(Dispatched(context, block))
        }
    }

    private inner class Dispatched(
        private val context: CoroutineContext,
        private val block: Runnable,
    ) : Callback {
        override fun run() = loop.seat.vacantly(block::run)

        override fun dropped() = dispatch(context, block)
    }

    /** The frames that are left still share what belongs to the loop: one thread at a time. */
    private val afterClose by lazy { Dispatchers.IO.limitedParallelism(1) }

    private fun inSeat(block: Runnable) {
        Seat.take(loop.seat)
        try {
            loop.seat.vacantly(block::run)
        } finally {
            Seat.leave()
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
        val timeout = LoopTimeout(loop, block)
        val deadline = loop.deadlineAfter(timeMillis.milliseconds)
        loop.runInLoop { timeout.start(deadline) }
        return timeout
    }

    override fun toString(): String = "the dispatcher of $loop"
}

/** A timer of foreign code, which may dispose of it in any thread. */
private class LoopTimeout(
    private val loop: EventLoop,
    private val block: Runnable,
) : DisposableHandle {
    private var timer: Timer? = null
    private var disposed = false

    fun start(deadlineNanos: Long) {
        if (disposed || loop.isClosed) return
        timer = BlockTimer(loop, deadlineNanos, block).also(loop::add)
    }

    override fun dispose() =
        loop.runInLoop {
            disposed = true
            timer?.cancel()
        }
}

private class BlockTimer(
    private val loop: EventLoop,
    deadlineNanos: Long,
    private val block: Runnable,
) : Timer(loop, deadlineNanos) {
    override fun fire() = loop.seat.vacantly(block::run)

    /** What waits is told at once; it finds the loop closed. */
    override fun dropped() = block.run()
}

/** Runs [block] now if this is the loop's thread, or has the loop run it. */
internal inline fun EventLoop.runInLoop(crossinline block: () -> Unit) {
    if (isInLoop) {
        block()
    } else if (!isClosed) {
        enqueueThreadsafe(Callback { seat.vacantly { block() } })
    }
}
