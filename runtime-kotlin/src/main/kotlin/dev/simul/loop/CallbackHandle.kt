package dev.simul.loop

import dev.simul.context.Context

/** The handle of `callSoon`. */
internal open class CallbackHandle(
    private val loop: EventLoop,
    final override val context: Context,
    private var callback: (() -> Unit)?,
) : Handle(),
    Callback {
    private val origin = loop.debugOrigin()

    final override val cancelled: Boolean get() = callback == null

    override fun cancel() {
        callback = null
    }

    override fun run() {
        val callback = callback ?: return
        loop.runCallback(this, context, origin, callback)
    }
}

/** The handle of `callSoonThreadsafe`: [cancel] waits while the callback runs, and before that it prevents it. */
internal class ThreadsafeHandle(
    loop: EventLoop,
    context: Context,
    callback: () -> Unit,
) : CallbackHandle(loop, context, callback) {
    @Synchronized
    override fun cancel() = super.cancel()

    @Synchronized
    override fun run() = super.run()
}
