// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context

/**
 * Calls [callback], as a callback of this loop, whenever the process gets [signal]. If this loop has a handler for the signal, the new one
 * replaces it.
 *
 * It waits for its turn like every callback: a task that runs for long without awaiting delays it. A signal that comes while the loop is
 * not running is handled when it runs. If several loops have handlers for a signal, the loop that added its handler last gets it. Closing
 * the loop removes its handlers.
 *
 * This lets a server shut down in order when it is told to end:
 * ```
 * run {
 *     val main = currentTask()!!
 *     getRunningLoop().addSignalHandler("TERM") { main.cancel() }
 *     try {
 *         serve()
 *     } catch (e: CancelledException) {
 *         throw SystemExit(143)
 *     }
 * }
 * ```
 *
 * Source: `loop.add_signal_handler(sig, callback, *args)`, which works in the main thread only; here a loop in any thread may have
 * handlers.
 *
 * `HUP`, `INT` and `TERM` stay ignored, with a warning, if this process was started to ignore them, as `nohup` and the `&` of a
 * script do: the JVM sees to that. In CPython a handler is called nevertheless.
 *
 * @param signal its name, as the system's `kill -l` lists it: `"TERM"` or `"SIGTERM"`. `USR1` is for programs; of the others that no
 *   program else uses, the JVM uses `USR2`, `BUS`, `PIPE` and `XFSZ` itself on Unix, and may miss them.
 * @param context the context variables that the callback runs with; if null, a copy of the current ones, made now.
 * @throws IllegalArgumentException if this system knows no signal of that name.
 * @throws IllegalStateException if no program can catch that signal (`KILL`, `STOP`), if the JVM reserves it (`QUIT`, `SEGV` and other
 *   errors of programs; with `-Xrs` also `INT`, `TERM` and `HUP`), if the loop is closed; in debug mode also if another thread runs the
 *   loop.
 */
public fun EventLoop.addSignalHandler(
    signal: String,
    context: Context? = null,
    callback: () -> Unit,
) {
    checkOpen()
    checkThread("addSignalHandler")
    val handle = CallbackHandle(this, context ?: copyCurrentContext(), callback)
    signalHandlers[this].add(signal) { it.callInLoop(handle) }
}

/** As [addSignalHandler], on behalf of [caller], but [receiver] is called in the thread of the signal, in which it may wait. */
internal fun EventLoop.addSignalReceiver(
    signal: String,
    caller: String,
    receiver: Runnable,
) {
    checkOpen()
    checkThread(caller)
    signalHandlers[this].add(signal) { it.callAtOnce(receiver) }
}

/**
 * Removes this loop's handler for [signal]: the signal then goes to another loop that has one, or does what it did before. A signal that
 * has arrived and was not yet handled is ignored.
 *
 * Source: `loop.remove_signal_handler(sig)`.
 *
 * @return whether there was a handler.
 * @throws IllegalArgumentException if this system knows no signal of that name.
 * @throws IllegalStateException in debug mode, if another thread runs the loop.
 */
public fun EventLoop.removeSignalHandler(signal: String): Boolean {
    checkThread("removeSignalHandler")
    return signalHandlers[this].remove(signal)
}

private val signalHandlers = LoopLocal(onClose = { _, handlers -> handlers.removeAll() }, initial = ::SignalHandlers)

/** The signals that a loop has handlers for. */
private class SignalHandlers(
    private val loop: EventLoop,
) {
    private val handlers = HashMap<ProcessSignal, SignalCallback>()

    fun add(
        name: String,
        change: (SignalCallback) -> Unit,
    ) {
        val signal = signalNamed(name)
        val callback = handlers[signal] ?: SignalCallback(loop)
        try {
            signal.add(callback)
        } catch (e: IllegalArgumentException) {
            throw IllegalStateException(
                "signal ${signal.name} cannot be caught: the system or the JVM keeps it to itself, choose another one",
                e,
            )
        }
        if (signal.isIgnored) warnOf(signal)
        change(callback)
        if (handlers.put(signal, callback) != null) signal.remove(callback)
    }

    private fun warnOf(signal: ProcessSignal) =
        logger.warn(
            "signal {} is ignored since this JVM was started, as by nohup or in the background of a script, and the JVM does not " +
                "change that: its handler is never called; start it by 'env --default-signal={} java …'",
            signal.name,
            signal.name,
        )

    fun remove(name: String): Boolean {
        val signal = signalNamed(name)
        val callback = handlers.remove(signal) ?: return false
        signal.remove(callback)
        callback.forget()
        return true
    }

    fun removeAll() {
        for ((signal, callback) in handlers) signal.remove(callback)
        handlers.clear()
    }
}

/** The callback that runs when a signal arrives. */
private class SignalCallback(
    private val loop: EventLoop,
) : Runnable {
    private var handle: CallbackHandle? = null

    @Volatile
    private var receiver: Runnable? = null

    fun callInLoop(handle: CallbackHandle) {
        receiver = null
        this.handle = handle
    }

    fun callAtOnce(receiver: Runnable) {
        handle = null
        this.receiver = receiver
    }

    fun forget() {
        handle = null
        receiver = null
    }

    /** The signal has arrived, in a thread of its own. */
    override fun run() = receiver?.run() ?: loop.handInSurely { handle?.run() }
}
