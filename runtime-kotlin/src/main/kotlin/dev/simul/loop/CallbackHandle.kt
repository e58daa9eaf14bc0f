// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context

/** The handle of `callSoon`. */
internal open class CallbackHandle(
    protected val loop: EventLoop,
    final override val context: Context,
    private var callback: (() -> Unit)?,
) : Handle(),
    Callback {
    private val origin = loop.debugOrigin()

    override fun cancelled(): Boolean = callback == null

    override fun cancel() {
        callback = null
    }

    override fun run() {
        val callback = callback ?: return
        loop.runCallback(this, context, origin, callback)
    }
}

/** The handle of a call that stays behind those of its kind that were scheduled before it, whatever a simulation chooses. */
internal class OrderedHandle(
    loop: EventLoop,
    context: Context,
    callback: () -> Unit,
) : CallbackHandle(loop, context, callback)

/** The handle of `callSoonThreadsafe`: [cancel] in another thread waits while the callback runs. */
internal open class ThreadsafeHandle(
    loop: EventLoop,
    context: Context,
    callback: () -> Unit,
) : CallbackHandle(loop, context, callback) {
    override fun cancelled(): Boolean = if (loop.isInLoop) super.cancelled() else synchronized(this) { super.cancelled() }

    override fun cancel() = if (loop.isInLoop) super.cancel() else synchronized(this) { super.cancel() }

    override fun run() = synchronized(this) { super.run() }
}

/**
 * A callback that a caller in another thread waits for: if the loop closes before its turn, [lost] is called with the error that ended the
 * loop.
 */
internal class AwaitedHandle(
    loop: EventLoop,
    private val lost: (Throwable?) -> Unit,
    callback: () -> Unit,
) : ThreadsafeHandle(loop, loop.copyCurrentContext(), callback) {
    override fun dropped() {
        if (!cancelled()) lost(loop.endedBy)
    }

    override fun cutShort(error: Throwable): Boolean {
        if (!cancelled()) lost(error)
        return false
    }
}
