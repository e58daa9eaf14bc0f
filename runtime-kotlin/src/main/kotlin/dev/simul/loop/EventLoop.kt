package dev.simul.loop

import dev.simul.context.Context
import dev.simul.context.Seat
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds

/**
 * One thread's loop of callbacks: it waits for timers, other threads and the world, and runs one callback at a time.
 *
 * A turn takes what other threads handed in, polls, adds the timers that are due, and then runs exactly the callbacks
 * that were ready at that moment; what they schedule runs in the next turn. Only [callSoonThreadsafe], [isRunning],
 * [isClosed], [time] and the properties [debug] and [slowCallbackDuration] may be used from other threads than the one that
 * runs the loop.
 *
 * The loop has never heard of coroutines: tasks and everything made of them are extensions of other packages.
 *
 * Source: `asyncio.EventLoop`.
 *
 * @param clock what the loop's time is.
 * @param poller how the loop waits; the loop owns it and closes it.
 */
public class EventLoop(
    private val clock: Clock = MonotonicClock,
    private val poller: Poller = ParkingPoller(),
) : AutoCloseable {
    private val ready = ReadyQueue()
    private val timers = TimerHeap()
    private val inbox = Inbox()
    private var stopping = false
    private var fatal: Throwable? = null

    /** The thread that holds the loop: the one that runs it, or the one that borrowed it while the former waits. */
    @Volatile
    private var holder: Thread? = null

    internal var locals: Array<Any?> = arrayOfNulls(8)

    /** The seat that the thread which runs the loop takes; like the loop, it goes from thread to thread. */
    internal val seat: Seat = Seat()

    /** What callbacks without context variables of their own run with. */
    internal val emptyContext: Context = Context()

    /** Whether a thread is running the loop now. Source: `loop.is_running()`. */
    public val isRunning: Boolean get() = holder != null

    /** Whether [close] was called. Source: `loop.is_closed()`. */
    @Volatile
    public var isClosed: Boolean = false
        private set

    /**
     * What is called with errors that nobody else can receive; null stands for [defaultExceptionHandler].
     *
     * Source: `loop.set_exception_handler()`, `loop.get_exception_handler()`.
     */
    public var exceptionHandler: ExceptionHandler? = null

    /**
     * Whether the loop checks the thread of its callers, remembers where handles, futures and tasks were made, and reports
     * slow callbacks and coroutines that were never awaited. On by the system property or environment variable
     * `simul.debug` / `SIMUL_DEBUG`.
     *
     * Source: `loop.set_debug()`, `loop.get_debug()`.
     */
    @Volatile
    public var debug: Boolean = debugByDefault()

    /** From which duration on debug mode reports a callback as slow. Source: `loop.slow_callback_duration`. */
    @Volatile
    public var slowCallbackDuration: Duration = 100.milliseconds

    /** The time of the loop's clock, since an origin of its own. Source: `loop.time()`. */
    public fun time(): Duration = clock.nanoTime().nanoseconds

    /**
     * Has [callback] called in the next turn, after all that was scheduled before it.
     *
     * Source: `loop.call_soon(callback, *args, context=None)`.
     *
     * @param context the context variables it runs with: a copy of the current ones, made now, if it is null.
     * @throws IllegalStateException if the loop is closed; in debug mode also if another thread runs the loop.
     */
    public fun callSoon(
        context: Context? = null,
        callback: () -> Unit,
    ): Handle {
        checkOpen()
        checkThread("callSoon")
        val handle = CallbackHandle(this, context ?: copyCurrentContext(), callback)
        append(handle)
        return handle
    }

    /**
     * As [callSoon], from any thread, waking the loop if it waits. Calls of one thread are kept in order.
     *
     * [Handle.cancel] of its handle waits while the callback runs in another thread.
     *
     * Source: `loop.call_soon_threadsafe(callback, *args, context=None)`.
     *
     * @throws IllegalStateException if the loop is closed.
     */
    public fun callSoonThreadsafe(
        context: Context? = null,
        callback: () -> Unit,
    ): Handle {
        checkOpen()
        val handle = ThreadsafeHandle(this, context ?: copyCurrentContext(), callback)
        enqueueThreadsafe(handle)
        return handle
    }

    /**
     * Has [callback] called after [delay]; a delay that is not positive means as soon as possible.
     *
     * Timers of one deadline are called in the order they were made, which CPython leaves open.
     *
     * Source: `loop.call_later(delay, callback, *args, context=None)`.
     *
     * @throws IllegalStateException if the loop is closed; in debug mode also if another thread runs the loop.
     */
    public fun callLater(
        delay: Duration,
        context: Context? = null,
        callback: () -> Unit,
    ): TimerHandle = schedule(deadlineAfter(delay), context, "callLater", callback)

    /**
     * Has [callback] called at [when], a time of [time].
     *
     * Source: `loop.call_at(when, callback, *args, context=None)`.
     *
     * @throws IllegalStateException if the loop is closed; in debug mode also if another thread runs the loop.
     */
    public fun callAt(
        `when`: Duration,
        context: Context? = null,
        callback: () -> Unit,
    ): TimerHandle = schedule(`when`.inWholeNanoseconds, context, "callAt", callback)

    private fun schedule(
        deadlineNanos: Long,
        context: Context?,
        caller: String,
        callback: () -> Unit,
    ): TimerHandle {
        checkOpen()
        checkThread(caller)
        val timer = CallbackTimer(this, deadlineNanos, context ?: copyCurrentContext(), callback)
        timers.add(timer)
        return timer
    }

    /**
     * Runs the loop until [stop]. If [stop] was called before, it runs exactly one turn.
     *
     * A [FatalError] leaves it at once, an interrupt of the thread when the loop next waits; it can be run again then.
     *
     * Source: `loop.run_forever()`.
     *
     * @throws IllegalStateException if the loop is closed or running, or another one is running in this thread.
     */
    public fun runForever() {
        checkRunnable()
        val outerSeat = Seat.current()
        seat.settle(outerSeat.context)
        Seat.take(seat)
        holder = Thread.currentThread()
        setRunningLoop(this)
        try {
            do turn() while (!stopping)
        } finally {
            stopping = false
            setRunningLoop(null)
            holder = null
            seat.vacate()
            Seat.take(outerSeat)
        }
    }

    /** Ends [runForever] at the end of the current turn, or of its first one. Source: `loop.stop()`. */
    public fun stop() {
        stopping = true
    }

    /**
     * Closes the loop: pending callbacks and timers are dropped, the default executor is shut down without waiting.
     * Closing it again does nothing.
     *
     * Source: `loop.close()`.
     *
     * @throws IllegalStateException if the loop is running.
     */
    override fun close() {
        check(!isRunning) { "cannot close a running event loop: call stop() and wait until it has left" }
        if (isClosed) return
        isClosed = true
        ready.close()
        timers.clear()
        try {
            LoopLocal.closeAll(this)
        } finally {
            poller.close()
        }
    }

    /**
     * Reports an error to [exceptionHandler]. What that handler throws is reported by [defaultExceptionHandler].
     *
     * Source: `loop.call_exception_handler(context)`.
     */
    public fun callExceptionHandler(context: ExceptionContext) {
        val handler = exceptionHandler ?: ExceptionHandler(EventLoop::defaultExceptionHandler)
        try {
            val runIn = context.runIn
            if (runIn == null || runIn.entered) handler.handle(this, context) else runIn.run { handler.handle(this, context) }
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            defaultExceptionHandler(
                ExceptionContext("Unhandled error in exception handler", e, mapOf("context" to context)),
            )
        }
    }

    /** Logs the error to the logger `dev.simul`. Source: `loop.default_exception_handler(context)`. */
    public fun defaultExceptionHandler(context: ExceptionContext) {
        context.origin?.let { context.exception?.addSuppressed(it) }
        logger.error(context.toString(), context.exception ?: context.origin)
    }

    override fun toString(): String =
        "<EventLoop running=$isRunning closed=$isClosed debug=$debug ready=${ready.size} timers=${timers.size}>"

    // What the other packages build on.

    /** Whether the calling thread holds the loop, and may touch what belongs to it. */
    internal val isInLoop: Boolean get() = holder === Thread.currentThread()

    /**
     * Has the calling thread hold the loop, with its context variables, until [giveBack]; the holder so far must wait meanwhile.
     *
     * Returns that holder.
     */
    internal fun borrow(): Thread? {
        val lender = holder
        holder = Thread.currentThread()
        setRunningLoop(this)
        Seat.take(seat)
        return lender
    }

    /** Ends what [borrow] began, which returned [lender]. */
    internal fun giveBack(lender: Thread?) {
        Seat.leave()
        setRunningLoop(null)
        holder = lender
    }

    /** As `copyContext()`, but quicker in the loop's thread. */
    internal fun copyCurrentContext(): Context = (if (isInLoop) seat else Seat.current()).context.copy()

    internal fun nanoTime(): Long = clock.nanoTime()

    internal fun deadlineAfter(delay: Duration): Long = clock.nanoTime().plusSaturated(delay)

    /** Puts [callback] at the end of the ready queue; called by the loop's thread alone. */
    internal fun enqueue(callback: Callback) {
        if (debug) checkThread("createTask, setResult or the like")
        append(callback)
    }

    /** What other threads handed in before this comes before it. */
    private fun append(callback: Callback) {
        if (!inbox.isEmpty()) inbox.drainTo(ready)
        ready.add(callback)
    }

    /** Puts [callback] at the end of the ready queue, from any thread. */
    internal fun enqueueThreadsafe(callback: Callback) {
        if (isInLoop) {
            append(callback)
        } else {
            inbox.add(callback)
            poller.wakeup()
        }
    }

    internal fun add(timer: Timer) {
        checkOpen()
        timers.add(timer)
    }

    internal fun timerCancelled() = timers.countCancelled()

    /** Has [runForever] throw [error] when the current callback ends: for what cannot throw through its callers. */
    internal fun leaveWith(error: Throwable) {
        fatal = error
    }

    internal fun takeFatal(): Throwable? = fatal.also { fatal = null }

    internal fun debugOrigin(): Origin? = if (debug) Origin() else null

    internal fun runCallback(
        handle: Handle,
        context: Context,
        origin: Origin?,
        callback: () -> Unit,
    ) {
        try {
            seat.occupy(context, null, callback)
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            callExceptionHandler(
                ExceptionContext("Exception in callback $callback", e, mapOf("handle" to handle), origin, context),
            )
        }
    }

    internal fun checkOpen() {
        check(!isClosed) { "Event loop is closed" }
    }

    internal fun checkRunnable() {
        checkOpen()
        check(!isRunning) { "This event loop is already running" }
        check(getRunningLoopOrNull() == null) {
            "Cannot run the event loop while another loop is running in this thread: await instead of nesting loops"
        }
    }

    private fun checkThread(caller: String) {
        if (!debug) return
        check(holder == null || isInLoop) {
            "Non-thread-safe operation invoked on an event loop other than the current one: " +
                "$caller was called in thread '${Thread.currentThread().name}', use callSoonThreadsafe there"
        }
    }

    private fun turn() {
        timers.dropCancelled()
        if (!inbox.isEmpty()) inbox.drainTo(ready)
        val timeout = pollTimeout()
        if (timeout != 0L) seat.vacate()
        poller.poll(timeout)
        if (timeout != 0L) inbox.drainTo(ready)
        if (!timers.isEmpty()) timers.moveDue(clock.nanoTime(), ready)
        if (debug) runReadyTimed() else runReady()
    }

    private fun pollTimeout(): Long =
        when {
            !ready.isEmpty() || stopping -> 0
            timers.isEmpty() -> -1
            else -> timeoutUntil(timers.first().deadlineNanos, clock.nanoTime())
        }

    private fun timeoutUntil(
        deadlineNanos: Long,
        nowNanos: Long,
    ): Long = deadlineNanos.coerceIn(nowNanos, nowNanos + MAXIMUM_POLL_NANOS) - nowNanos

    private fun runReady() {
        var left = ready.size
        while (left-- > 0) {
            run(ready.remove())
            if (fatal != null) throw takeFatal()!!
        }
    }

    private fun run(callback: Callback) {
        try {
            callback.run()
        } catch (e: Throwable) {
            if (e.isFatal) throw e
            callExceptionHandler(ExceptionContext("Exception in callback $callback", e))
        }
    }

    private fun runReadyTimed() {
        var left = ready.size
        while (left-- > 0) {
            val callback = ready.remove()
            val start = System.nanoTime()
            run(callback)
            val duration = (System.nanoTime() - start).nanoseconds
            if (duration >= slowCallbackDuration) logger.warn("Executing {} took {}", callback, duration)
            if (fatal != null) throw takeFatal()!!
        }
    }

    private companion object {
        const val MAXIMUM_POLL_NANOS = 24L * 3600 * 1_000_000_000
    }
}

/** This time and [delay] later, or the end of time. */
internal fun Long.plusSaturated(delay: Duration): Long {
    val nanos = delay.inWholeNanoseconds
    val sum = this + nanos
    return if (nanos > 0 && sum < this) Long.MAX_VALUE else sum
}
