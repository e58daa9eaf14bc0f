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

    override val cancelled: Boolean get() = callback == null

    override fun cancel() {
        callback = null
    }

    override fun run() {
        val callback = callback ?: return
        loop.runCallback(this, context, origin, callback)
    }
}

/** The handle of `callSoonThreadsafe`: other threads wait in it while the callback runs, before that they can prevent it. */
internal class ThreadsafeHandle(
    loop: EventLoop,
    context: Context,
    callback: () -> Unit,
) : CallbackHandle(loop, context, callback) {
    override val cancelled: Boolean
        @Synchronized get() = super.cancelled

    @Synchronized
    override fun cancel() = super.cancel()

    @Synchronized
    override fun run() = super.run()
}
