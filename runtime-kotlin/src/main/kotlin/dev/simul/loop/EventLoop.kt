// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Bindings
import dev.simul.context.Context
import dev.simul.context.CurrentContext
import java.nio.channels.spi.SelectorProvider
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds

/**
 * One thread's loop of callbacks: it waits for timers, other threads and the world, and runs one callback at a time.
 *
 * A turn takes what other threads handed in, polls, adds the timers that are due, and then runs exactly the callbacks
 * that were ready at that moment; what they schedule runs in the next turn. Only [callSoonThreadsafe], [isRunning],
 * [isClosed], [isInLoop], [time] and the properties [debug] and [slowCallbackDuration] may be used from other threads than the
 * one that runs the loop.
 *
 * The loop has never heard of coroutines: tasks and everything made of them are extensions of other packages.
 *
 * Source: `asyncio.EventLoop`.
 *
 * @param clock what the loop's time is.
 * @param poller how the loop waits, and by which provider it opens channels; the loop owns it and closes it.
 */
public class EventLoop(
    private val clock: Clock = MonotonicClock,
    internal val poller: Poller = NioPoller(clock),
) : AutoCloseable {
    private val ready = ReadyQueue()
    private val timers = TimerHeap()
    private val inbox = Inbox()
    private var stopping = false
    private var fatal: Throwable? = null
        set(error) {
            field = error
            if (error != null) hasToPause = true
        }

    /** Whether the callbacks of this turn pause, for an error, or the turn of another stack. */
    private var hasToPause = false

    /** The callback that an error was thrown out of, and does not know of it yet: the root's stack has room to tell it. */
    private var cutShortCallback: Callback? = null
    private var cutShortBy: Throwable? = null

    /** The error that has left the loop last, and so may be why some of its tasks never end. */
    internal var endedBy: Throwable? = null
        private set

    /** How many callbacks of the present turn are left. */
    private var leftInTurn = 0

    /** Whether a turn has begun since the loop was started. */
    private var hasTurned = false

    private var slow: SlowCallback? = null

    /** The stacks that this runs on. */
    internal val stacks: LoopStacks = LoopStacks(this)

    @Volatile
    private var interruptPending = false

    /** That of the loop's stacks on platform threads. */
    internal val spin: SpinBeforePark = SpinBeforePark()

    /** Runs what other stacks need the root's thread for, while that waits. */
    internal val rootExecutor: RootExecutor = RootExecutor()

    internal var locals: Array<Any?> = arrayOfNulls(8)

    internal val taskNumbers: TaskNumbers = TaskNumbers(this)

    /** What the thread that runs the loop takes for its own; like the loop, it goes from thread to thread. */
    internal val current: CurrentContext = LoopContext(this)

    /** What callbacks without context variables of their own run with. */
    internal val emptyContext: Context = Context()

    /** Whether a thread is running the loop now. Source: `loop.is_running()`. */
    @Volatile
    public var isRunning: Boolean = false
        private set

    /** Whether [close] was called. Source: `loop.is_closed()`. */
    @Volatile
    public var isClosed: Boolean = false
        private set

    /**
     * What random numbers on this loop are drawn from, such as those of a backoff's jitter; one with a seed has them drawn again as they
     * were. Only the loop's thread draws. asyncio has nothing like it.
     */
    public var random: Random = Random

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

    /** From which duration on, by the loop's clock, debug mode reports a callback as slow. Source: `loop.slow_callback_duration`. */
    @Volatile
    public var slowCallbackDuration: Duration = 100.milliseconds

    /**
     * Whether the calling thread runs this loop now, and so may touch what belongs to it: inside a task, also one of Java on a stack of
     * its own, a callback, or anything these call. Any thread may ask. asyncio compares `asyncio.get_running_loop()`.
     */
    public val isInLoop: Boolean get() = stacks.isHeldHere

    /** What opens the sockets and pipes of this loop, and of those who have it watch their channels. asyncio has nothing like it. */
    public val selectorProvider: SelectorProvider get() = poller.selectorProvider

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

    /** As [callSoonThreadsafe], for what somebody elsewhere waits for: [lost] is called if the loop closes before that. */
    internal fun callAwaitedSoon(
        lost: (Throwable?) -> Unit,
        callback: () -> Unit,
    ) {
        checkOpen()
        enqueueThreadsafe(AwaitedHandle(this, lost, callback))
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
        val outer = CurrentContext.current()
        current.setBase(outer.context)
        val root = RootStack(this, rootExecutor)
        isRunning = true
        interruptPending = false
        stacks.begin(root)
        try {
            hasTurned = false
            do runOnRoot(root) while (fatal == null && !hasStopped())
            takeFatal()?.let {
                endedBy = it
                throw it
            }
        } finally {
            stopping = false
            leftInTurn = 0
            stacks.end()
            isRunning = false
            taskNumbers.returnRest()
            current.detach()
            ready.forget()
            CurrentContext.take(outer)
            interruptAgain()
        }
    }

    private fun runOnRoot(root: RootStack) {
        val error = surely { if (!stacks.runOn(root)) leaveWith(StackOverflowError(TOO_DEEP_TO_WAIT)) }
        if (fatal === CutShort) fatal = null
        if (error != null && fatal == null) {
            if (error.isFatal) fatal = error else callExceptionHandler(ExceptionContext("Error while another stack ran the loop", error))
        }
        if (cutShortCallback != null) tellCutShort()
    }

    /** What a callback could not be told on the stack where an error has struck it. */
    private fun tellCutShort() {
        val callback = cutShortCallback ?: return
        val error = cutShortBy!!
        cutShortCallback = null
        cutShortBy = null
        report(callback, error)
        if (fatal === CutShort) fatal = null
        if (cutShortCallback != null) {
            // Not even here: the loop ends with it.
            cutShortCallback = null
            if (fatal == null) fatal = error
        }
    }

    /** An interrupt that nobody has heard of is kept. */
    private fun interruptAgain() {
        if (!interruptPending) return
        interruptPending = false
        Thread.currentThread().interrupt()
    }

    /** Ends [runForever] at the end of the current turn, or of its first one. Source: `loop.stop()`. */
    public fun stop() {
        stopping = true
    }

    /**
     * Closes the loop: what [addCloseCallback] was told is called, pending callbacks and timers are dropped, transports and servers that
     * are open are closed, the default executor is shut down without waiting. Closing it again does nothing.
     *
     * Source: `loop.close()`.
     *
     * @throws IllegalStateException if the loop is running.
     */
    override fun close() {
        check(!isRunning) { "cannot close a running event loop: call stop() and wait until it has left" }
        if (isClosed) return
        isClosed = true
        stacks.beginToClose()
        val failures = ArrayList<Throwable>()
        CloseCallbacks.callAll(this, failures)
        inbox.drainTo(ready)
        for (callback in ready.close() + timers.clear()) failures.adding { callback.dropped() }
        LoopLocal.closeAll(this, failures)
        failures.adding { poller.close() }
        stacks.endToClose()
        interruptAgain()
        failures += listOfNotNull(takeFatal())
        failures.firstOrNull()?.let { throw it }
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
            if (runIn == null || current.hasEntered(runIn)) handler.handle(this, context) else runIn.run { handler.handle(this, context) }
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

    /** As [isInLoop]; true also in the thread that has run the loop last, as long as nobody runs it. */
    internal val isAtHand: Boolean get() = isInLoop || (!isRunning && stacks.root?.thread === Thread.currentThread())

    /** That of the thread which runs the loop; it is what bodies and the default executor's threads begin with. */
    internal val contextClassLoader: ClassLoader? get() = (stacks.root?.thread ?: Thread.currentThread()).contextClassLoader

    /** As `copyContext()`, but quicker in the loop's thread. */
    internal fun copyCurrentContext(): Context = Context(currentBindings)

    /** The context variables that are current on the calling thread. */
    internal val currentBindings: Bindings get() = (if (isInLoop) current else CurrentContext.current()).bindings

    /** Whether a callback waits for its turn. */
    internal val hasReady: Boolean get() = !ready.isEmpty()

    /** The timers that are not due yet and were not cancelled, in no order. */
    internal val pendingTimers: List<Timer> get() = timers.pending()

    internal fun nanoTime(): Long = clock.nanoTime()

    internal fun deadlineAfter(delay: Duration): Long = clock.nanoTime().plusSaturated(delay)

    /** Puts [callback] at the end of the ready queue; called by the loop's thread alone. */
    internal fun enqueue(callback: Callback) {
        if (debug) checkThread("createTask, setResult or the like")
        append(callback)
    }

    /** Takes back what [enqueue] was told. */
    internal fun cancel(callback: Callback) = ready.cancel(callback)

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

    /** As [enqueueThreadsafe], at a [place] that was made for it; if an error comes out of this, it is to be called again. */
    internal fun handIn(place: Inbox.Place) {
        if (isClosed) return
        if (!place.isAdded) inbox.add(place)
        if (!isInLoop) poller.wakeup()
    }

    /** As [enqueueThreadsafe], for what nobody would ask for again if it got lost where the calling thread is struck by an error. */
    internal fun handInSurely(callback: () -> Unit) {
        var place: Inbox.Place? = null
        surely { handIn(place ?: Inbox.Place(Callback(callback)).also { place = it }) }
    }

    internal fun add(timer: Timer) {
        checkOpen()
        timers.add(timer)
    }

    /** Has the timers that are due by now called before what is enqueued after this. */
    internal fun queueDueTimers() {
        if (!timers.isEmpty()) timers.moveDue(clock.nanoTime(), ready)
    }

    internal fun timerCancelled() = timers.countCancelled()

    /** A stack was granted the turn. */
    internal fun pause() {
        hasToPause = true
    }

    /** Has [runForever] throw [error] when the current callback ends: for what cannot throw through its callers. */
    internal fun leaveWith(error: Throwable) {
        fatal = error
    }

    internal fun takeFatal(): Throwable? = fatal.also { fatal = null }.takeIf { it !== CutShort }

    internal fun debugOrigin(): Origin? = if (debug) Origin() else null

    internal fun runCallback(
        handle: Handle,
        context: Context,
        origin: Origin?,
        callback: () -> Unit,
    ) {
        try {
            current.runAs(context, null, callback)
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

    internal fun checkThread(caller: String) {
        if (!debug) return
        check(!isRunning || isInLoop) {
            "Non-thread-safe operation invoked on an event loop other than the current one: " +
                "$caller was called in thread '${Thread.currentThread().name}', use callSoonThreadsafe there"
        }
    }

    // Turns.

    /** Somebody wants the root to end, while it waits for another stack. */
    internal fun interruptPending() {
        interruptPending = true
        poller.wakeup()
    }

    /** Runs the loop on [me] until it is the turn of a stack, and returns that. */
    internal fun runUntilGranted(me: LoopStack): LoopStack =
        try {
            runUntilNext()
        } catch (e: Throwable) {
            // No callback has thrown it: the stack is full, or the memory. The root's stack goes on where this one has stopped.
            if (me === stacks.root || e.isFatal) fatal = e
            stacks.below
        }

    /** What comes next stays granted until it has the turn. */
    private fun runUntilNext(): LoopStack {
        if (!stacks.isLent) {
            slow?.end()
        } else if (stacks.next == null) {
            return stacks.below
        }
        while (true) {
            stacks.next?.let { return it }
            if (fatal != null) return stacks.root!!
            hasToPause = false
            if (leftInTurn == 0) {
                if (hasStopped()) return stacks.root!!
                beginTurn()
            }
            if (debug) runReadyTimed() else runReady()
        }
    }

    private fun hasStopped() = stopping && hasTurned && leftInTurn == 0

    private fun beginTurn() {
        hasTurned = true
        try {
            if (!inbox.isEmpty()) inbox.drainTo(ready)
            if (timers.isEmpty() && !ready.isEmpty()) {
                poller.poll(0)
            } else if (!pollWithTimers()) {
                return
            }
            leftInTurn = ready.size
        } catch (e: Throwable) {
            if (e is StackOverflowError && stacks.holder !== stacks.root) throw e
            fatal = e
        }
    }

    /** Returns whether the turn goes on here. */
    private fun pollWithTimers(): Boolean {
        timers.dropCancelled()
        val timeout = pollTimeout()
        if (timeout == 0L) {
            poller.poll(0)
        } else if (!pollOrLeaveToRoot(timeout)) {
            return false
        }
        if (!timers.isEmpty()) timers.moveDue(clock.nanoTime(), ready)
        return true
    }

    private fun pollOrLeaveToRoot(timeoutNanos: Long): Boolean {
        val stack = stacks.holder!!
        if (!stack.mayPoll) {
            stacks.scheduleRoot()
            return false
        }
        current.detach()
        ready.forget()
        try {
            if (!interruptPending) poller.poll(timeoutNanos)
        } catch (e: InterruptedException) {
            if (stack === stacks.root) throw e
            stack.interrupted()
        }
        if (interruptPending) {
            interruptPending = false
            throw InterruptedException("the thread of a running event loop was interrupted")
        }
        inbox.drainTo(ready)
        return true
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
        var left = leftInTurn
        try {
            while (left > 0) {
                val callback = ready.remove()
                left--
                try {
                    callback.run()
                } catch (e: Throwable) {
                    report(callback, e)
                }
                if (hasToPause) break
            }
        } finally {
            leftInTurn = left
        }
    }

    /**
     * [exception] has come out of [callback], which deals with its own ones: so it was struck half-way, or the loop is to end.
     * What nobody can handle leaves the loop: it may have been thrown on a stack that is not the root's.
     */
    private fun report(
        callback: Callback,
        exception: Throwable,
    ) {
        try {
            if (exception.isFatal) leaveWith(exception)
            if (!callback.cutShort(exception) && !exception.isFatal) {
                callExceptionHandler(ExceptionContext("Exception in callback $callback", exception))
            }
        } catch (e: Throwable) {
            if (e.isFatal) fatal = e
            cutShortCallback = callback
            cutShortBy = exception
            if (fatal == null) fatal = CutShort
        }
    }

    /** As what a callback has thrown: [error] has struck in a step of [owner], on the stack of a body. */
    internal fun cutShort(
        owner: Any?,
        error: Throwable,
    ) = if (owner is Callback) report(owner, error) else leaveWith(error)

    private fun runReadyTimed() {
        if (leftInTurn == 0) return
        val callback = ready.remove()
        leftInTurn--
        slow = SlowCallback(callback)
        try {
            callback.run()
        } catch (e: Throwable) {
            report(callback, e)
        }
        if (stacks.next == null) slow?.end()
    }

    /** Debug mode's watch over a callback, which may go on on other stacks. */
    private inner class SlowCallback(
        private val callback: Callback,
    ) {
        private val start = clock.nanoTime()

        fun end() {
            slow = null
            val duration = (clock.nanoTime() - start).nanoseconds
            if (duration >= slowCallbackDuration) logger.warn("Executing {} took {}", callback, duration)
        }
    }

    /** Stands for an error that ends the loop, where the loop only goes on on the root's stack. */
    private object CutShort : Throwable("", null, false, false) {
        private fun readResolve(): Any = CutShort
    }

    private companion object {
        const val TOO_DEEP_TO_WAIT =
            "the virtual thread that runs the loop stands too deep to wait: run the loop higher up, or on a platform thread"
        const val MAXIMUM_POLL_NANOS = 24L * 3600 * 1_000_000_000
    }
}

/** This time and [delay] later, or the end of time. */
internal fun Long.plusSaturated(delay: Duration): Long {
    val nanos = delay.inWholeNanoseconds
    val sum = this + nanos
    return if (nanos > 0 && sum < this) Long.MAX_VALUE else sum
}

/** Does [block], and keeps what it throws: for steps that must all be gone through. */
internal inline fun MutableList<Throwable>.adding(block: () -> Unit) {
    try {
        block()
    } catch (e: Throwable) {
        add(e)
    }
}
