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
 * An event loop: one thread waits for timers, other threads and channels, and runs one callback at a time.
 *
 * A turn takes the callbacks handed in by other threads, polls, adds the timers that are due, and then runs exactly the callbacks that were
 * ready at that moment; callbacks they schedule run in the next turn. Other threads than the one that runs the loop may use only
 * [callSoonThreadsafe], [isRunning], [isClosed], [isInLoop], [time] and the properties [debug] and [slowCallbackDuration].
 *
 * The loop knows nothing of coroutines: tasks and everything built on them are extensions in other packages.
 *
 * Source: `asyncio.EventLoop`.
 *
 * @param clock the clock that the loop's time and timers go by.
 * @param poller how the loop waits, and which provider opens its channels; the loop owns it and closes it.
 */
public class EventLoop(
    private val clock: Clock = MonotonicClock,
    internal val poller: Poller = NioPoller(clock),
) : AutoCloseable {
    private val ready = ReadyQueue()
    private val timers = TimerHeap()
    private val inbox = Inbox()

    /** In a simulation, the threads that it does not decide; null otherwise. */
    private var others: UndecidedThreads? = null
    private var stopping = false
    private var fatal: Throwable? = null
        set(error) {
            field = error
            if (error != null) hasToPause = true
        }

    /** Whether the callbacks of this turn pause. True whenever [fatal] or [LoopStacks.next] is set, and then until both are null. */
    private var hasToPause = false

    /** The callback that was struck by an error and has yet to be told; the root's stack has room to tell it. */
    private var cutShortCallback: Callback? = null
    private var cutShortBy: Throwable? = null

    /** The error that last ended [runForever]; it may be why some tasks never end. */
    internal var endedBy: Throwable? = null
        private set

    /** Timers that are due later than this need not be looked at in turn [farIn], and in no other: see [areTimersFar]. */
    private var farFrom = 0L
    private var farIn = NO_TURN

    /** How many callbacks are left in the current turn. */
    private var leftInTurn = 0

    /** The value of [turns] when the loop was started. */
    private var turnsBefore = 0L

    private var timed: TimedCallback? = null

    internal val observer: LoopObserver = TheObserver.observer

    /** Whether the loop waits for events. Written without a fence: another thread's answer may be a moment old. */
    @JvmField
    internal var isIdle: Boolean = false

    /** Null for all loops outside of simulations. */
    @JvmField
    internal var simulatedBy: LoopSimulation? = null

    /** Whether a simulation has ended this loop without another turn: not even the coroutines of kotlinx go on, as they do after a close. */
    internal var hasCrashed: Boolean = false

    internal fun beSimulatedBy(simulation: LoopSimulation?) {
        simulatedBy = simulation
        others = if (simulation == null) null else UndecidedThreads()
    }

    /** How many turns have begun; only the loop's thread counts. */
    internal var turns: Long = 0L
        private set

    /** Among the loops of this JVM, by [OpenLoops]; 0 until it runs for the first time. */
    internal var number: Int = 0

    /** The value of [leftInTurn] at the last timed callback. */
    private var timedLeft = 0

    /** The stacks that the loop runs on. */
    internal val stacks: LoopStacks = LoopStacks(this)

    @Volatile
    private var interruptPending = false

    /** The spin budget of the loop's stacks on platform threads. */
    internal val spin: SpinBeforePark = SpinBeforePark()

    /** Runs the work that other stacks need the root's thread for, while the root waits. */
    internal val rootExecutor: RootExecutor = RootExecutor()

    internal var locals: Array<Any?> = arrayOfNulls(8)

    /** Those that have a value here, in the order in which they got it. */
    internal val usedLocals: ArrayList<LoopLocal<*>> = ArrayList()
    internal var localsAreClosed: Boolean = false

    internal val taskNumbers: TaskNumbers = TaskNumbers(this)

    /** The current context of the thread that runs the loop; like the loop, it moves between threads. */
    internal val current: CurrentContext = LoopContext(this)

    /** The context of callbacks that have none of their own. */
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
     * The source of random numbers on this loop, such as those of a backoff's jitter; set one with a seed to get the same numbers again.
     * Only the loop's thread uses it. asyncio has no equivalent.
     */
    public var random: Random = Random

    /**
     * Receives the errors that have no other receiver; null stands for [defaultExceptionHandler].
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
        set(value) {
            field = value
            chooseWhetherTimed()
        }

    /** Is told of each step; null for most loops. Any thread may set it. */
    @Volatile
    internal var stepObserver: StepObserver? = null
        set(value) {
            field = value
            chooseWhetherTimed()
        }

    /** Null for most loops. Only the loop's thread sets it; others read it too. */
    @Volatile
    internal var carriers: ContextCarriers? = null
        set(value) {
            field = value
            chooseWhetherTimed()
        }

    /** The running step, if a carrier was added by it. */
    private var adopted: ContextCarriers.Carried? = null

    /** Whether callbacks run one by one, timed or with carriers. */
    @Volatile
    private var isTimed = debug

    @Synchronized
    private fun chooseWhetherTimed() {
        isTimed = debug || stepObserver != null || carriers != null
    }

    /** The duration, by the loop's clock, from which debug mode reports a callback as slow. Source: `loop.slow_callback_duration`. */
    @Volatile
    public var slowCallbackDuration: Duration = 100.milliseconds

    /**
     * Whether the calling thread runs this loop now, and so may touch its objects: in a task, also a Java task on its own stack, in a
     * callback, or in code that these call. Any thread may read it. In asyncio, compare `asyncio.get_running_loop()`.
     */
    public val isInLoop: Boolean get() = stacks.isHeldHere

    /**
     * As the other [isInLoop], for [thread], which may be another than the calling one: then the answer is that of a moment ago. asyncio has
     * no equivalent.
     */
    public fun isInLoop(thread: Thread): Boolean = stacks.isHeldBy(thread)

    /** The provider that opens the sockets and pipes of this loop, and those that users have it watch. asyncio has no equivalent. */
    public val selectorProvider: SelectorProvider get() = poller.selectorProvider

    /** The time of the loop's clock, since an unspecified origin. Source: `loop.time()`. */
    public fun time(): Duration = clock.nanoTime().nanoseconds

    /**
     * Calls [callback] in the next turn, after everything scheduled before it.
     *
     * Source: `loop.call_soon(callback, *args, context=None)`.
     *
     * @param context the context variables it runs with; if null, a copy of the current ones, made now.
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
     * As [callSoon], from any thread; wakes the loop if it waits. Callbacks of one thread run in the order of its calls.
     *
     * [Handle.cancel] waits while the callback runs in another thread.
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

    /** As [callSoon], for calls that stay in their order among themselves even if a simulation chooses the order of the rest. */
    internal fun callInOrder(callback: () -> Unit): Handle {
        checkOpen()
        checkThread("callSoon")
        return OrderedHandle(this, copyCurrentContext(), callback).also(::append)
    }

    /** As [callSoonThreadsafe], for a caller that waits in another thread: [lost] is called if the loop closes first. */
    internal fun callAwaitedSoon(
        lost: (Throwable?) -> Unit,
        callback: () -> Unit,
    ) {
        checkOpen()
        enqueueThreadsafe(AwaitedHandle(this, lost, callback))
    }

    /**
     * Calls [callback] after [delay]; a delay that is not positive means as soon as possible.
     *
     * Timers with the same deadline are called in the order they were made; CPython leaves that order open.
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
     * Calls [callback] at [when], a time of [time].
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
     * A [FatalError] leaves it at once, and an interrupt of the thread when the loop next waits; the loop can be run again afterwards.
     *
     * Source: `loop.run_forever()`.
     *
     * @throws IllegalStateException if the loop is closed or running, or if this thread runs another loop.
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
            if (number == 0) OpenLoops.add(this)
            observer.began(this)
            turnsBefore = turns
            farIn = NO_TURN
            do runOnRoot(root) while (fatal == null && !hasStopped())
            takeFatal()?.let {
                endedBy = it
                throw it
            }
        } finally {
            stopping = false
            leftInTurn = 0
            timed = null
            stacks.end()
            isRunning = false
            observer.ended(this)
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

    /** Tells the callback the error that struck it, if its own stack had no room for that. */
    private fun tellCutShort() {
        val callback = cutShortCallback ?: return
        val error = cutShortBy!!
        cutShortCallback = null
        cutShortBy = null
        report(callback, error)
        if (fatal === CutShort) fatal = null
        if (cutShortCallback != null) {
            // No room here either: the loop ends with the error.
            cutShortCallback = null
            if (fatal == null) fatal = error
        }
    }

    /** Restores an interrupt that no waiting call has reported. */
    private fun interruptAgain() {
        if (!interruptPending) return
        interruptPending = false
        Thread.currentThread().interrupt()
    }

    /**
     * Carries state of the thread with the tasks and callbacks of this loop, each of which then has its own, as it has its own context
     * variables: for libraries that keep such state in a [ThreadLocal], like the MDC of a logging library.
     *
     * A task or a callback begins with the state that was the thread's when it was made, by [capture]. It gets its state by [restore] where
     * each of its steps begins, on whichever thread that is, and what it has changed by the end of the step is its own; the thread then gets
     * back what it had before. So does [dev.simul.toThread] in its thread. Contexts made before begin with the state of this call.
     *
     * Both functions are called for each step, and must be fast; an error of theirs goes to the [exceptionHandler]. A loop without carriers
     * pays nothing.
     *
     * asyncio has no equivalent: there, such libraries use context variables.
     *
     * @param capture returns the calling thread's state, which must not change afterwards: a copy, or an immutable object.
     * @param restore makes a state that was captured that of the calling thread.
     * @return closes to end the carrying.
     * @throws IllegalStateException if another thread runs the loop.
     */
    public fun <T> addContextCarrier(
        capture: () -> T,
        restore: (T) -> Unit,
    ): ContextCarrier {
        check(!isRunning || isInLoop) { "add a context carrier in the loop's thread, or before the loop runs" }
        @Suppress("UNCHECKED_CAST")
        val carrier = CarrierByCalls(this, capture, restore as (Any?) -> Unit)
        carriers = carriers?.with(carrier) ?: ContextCarriers(this, listOf(carrier))
        if (isInLoop && current.isActive) adoptStep(carrier)
        return carrier
    }

    /** The step that runs has begun without [carrier], and ends with it. */
    private fun adoptStep(carrier: CarrierByCalls) {
        val before = adopted
        adopted = ContextCarriers(this, listOf(carrier)).adopt(current.context, before)
        pause()
    }

    /** The current step ends in the calling thread, if that is the one that it has added carriers in. */
    internal fun leaveAdopted() {
        val step = adopted ?: return
        if (step.thread !== Thread.currentThread()) return
        adopted = null
        step.leave()
    }

    /** Ends [runForever] at the end of the current turn, or of its first one. Source: `loop.stop()`. */
    public fun stop() {
        stopping = true
    }

    /**
     * Closes the loop: calls the callbacks of [addCloseCallback], drops pending callbacks and timers, closes open transports, servers
     * and files, and shuts down the default executor without waiting. Closing it again does nothing.
     *
     * Source: `loop.close()`.
     *
     * @throws IllegalStateException if the loop is running.
     */
    override fun close() {
        check(!isRunning) { "cannot close a running event loop: call stop() and wait until it has left" }
        if (isClosed) return
        isClosed = true
        OpenLoops.remove(this)
        stacks.beginToClose()
        val failures = ArrayList<Throwable>()
        CloseCallbacks.callAll(this, failures)
        acceptFromOthers()
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
     * Reports an error to [exceptionHandler]. An exception thrown by that handler goes to [defaultExceptionHandler].
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

    /**
     * Logs the error to the logger `dev.simul` of SLF4J. If that has found no provider, to the `System.Logger` of that name, if there is a
     * `System.LoggerFinder` or `java.util.logging` is configured; otherwise on `System.err`, as Python's `logging.lastResort` does.
     *
     * Source: `loop.default_exception_handler(context)`.
     */
    public fun defaultExceptionHandler(context: ExceptionContext) {
        context.origin?.let { context.exception?.addSuppressed(it) }
        logger.error(context.toString(), context.exception ?: context.origin)
    }

    override fun toString(): String =
        "<EventLoop running=$isRunning closed=$isClosed debug=$debug ready=${ready.size} timers=${timers.size}>"

    // For the other packages.

    /** Whether the loop's time is the machine's, rather than a test's. */
    internal val goesByMachineTime: Boolean get() = clock === MonotonicClock

    /** As [isInLoop]; while the loop does not run, also true in the thread that ran it last. */
    internal val isAtHand: Boolean get() = isInLoop || (!isRunning && stacks.root?.thread === Thread.currentThread())

    /** Whether the thread that runs the loop was interrupted, and the loop has not waited since. Any thread may ask. */
    internal val isInterrupted: Boolean get() = interruptPending || stacks.root?.thread?.isInterrupted == true

    /** The context class loader of the thread that runs the loop; bodies and the default executor's threads start with it. */
    internal val contextClassLoader: ClassLoader? get() = (stacks.root?.thread ?: Thread.currentThread()).contextClassLoader

    /** As `copyContext()`, but faster in the loop's thread. */
    internal fun copyCurrentContext(): Context = Context(currentBindings)

    /** The context variables of the calling thread. */
    internal val currentBindings: Bindings
        get() {
            val bindings = (if (isInLoop) current else CurrentContext.current()).bindings
            return carriers?.captured(bindings) ?: bindings
        }

    /** How many callbacks were taken from the ready queue, or more: it grows with each of them. Any thread may compare it with an earlier one. */
    internal val position: Int get() = ready.position

    /** Whether a stack is about to begin or to continue, and nothing runs meanwhile; another thread's answer may be a moment old. */
    internal val isHandingOver: Boolean get() = !current.isActive && (stacks.next != null || stacks.holder?.hasTurn == true)

    /** Whether a callback is ready. */
    internal val hasReady: Boolean get() = !ready.isEmpty()

    /** Whether other threads have handed in callbacks that are not ready yet. */
    internal val hasHandedIn: Boolean get() = !inbox.isEmpty()

    /** When the first timer that is not cancelled is due, by the loop's clock; [Long.MAX_VALUE] if there is none. */
    internal val firstDeadlineNanos: Long
        get() {
            timers.dropCancelled()
            return if (timers.isEmpty()) Long.MAX_VALUE else timers.first().deadlineNanos
        }

    /** How many callbacks are ready; another thread may read a number that never was. */
    internal val readyCount: Int get() = ready.size

    /** How many timers are neither due nor cancelled; as [readyCount] for other threads. */
    internal val timerCount: Int get() = timers.live

    /** The timers that are neither due nor cancelled, in no order. */
    internal val pendingTimers: List<Timer> get() = timers.pending()

    internal fun nanoTime(): Long = clock.nanoTime()

    /** As [nanoTime], for a step that adds a timer by it; called by the loop's thread alone. */
    internal fun nanoTimeInStep(): Long {
        val now = clock.nanoTime()
        if (goesByMachineTime) {
            farFrom = now + LONG_TURN_NANOS
            farIn = turns + 1
        }
        return now
    }

    internal fun deadlineAfter(delay: Duration): Long = clock.nanoTime().plusSaturated(delay)

    /** Puts [callback] at the end of the ready queue; called by the loop's thread alone. */
    internal fun enqueue(callback: Callback) {
        if (debug) checkThread("createTask, setResult or the like")
        append(callback)
    }

    /** Removes what [enqueue] added. */
    internal fun cancel(callback: Callback) = ready.cancel(callback)

    /** Callbacks that other threads handed in earlier come first. Inline, since it is deep in the stack that the JIT compiles as one. */
    @Suppress("NOTHING_TO_INLINE")
    private inline fun append(callback: Callback) {
        if (!inbox.isEmpty()) inbox.drainTo(ready)
        ready.add(callback)
    }

    /** Puts [callback] at the end of the ready queue, from any thread. */
    internal fun enqueueThreadsafe(callback: Callback) {
        if (isInLoop) {
            append(callback)
        } else {
            inboxOfCaller().add(callback)
            poller.wakeup()
        }
    }

    private fun inboxOfCaller(): Inbox {
        val others = others ?: return inbox
        return if (simulatedBy!!.isOwnThread) inbox else others.inbox
    }

    /** How many coroutines of tasks wait for this loop in threads that its simulation does not decide, as their code has said. */
    internal val waitingThreads: Int get() = others?.waiting?.get() ?: 0

    internal fun threadWaits(isSo: Boolean) {
        others?.waiting?.addAndGet(if (isSo) 1 else -1)
    }

    /** Hands in what threads have handed in that the loop's simulation does not decide. */
    internal fun acceptFromOthers() {
        others?.inbox?.moveTo(inbox)
    }

    /** As [enqueueThreadsafe], with a [place] made beforehand; if an error comes out of this, the caller calls it again. */
    internal fun handIn(place: Inbox.Place) {
        if (isClosed) return
        if (!place.isAdded) inboxOfCaller().add(place)
        if (!isInLoop) poller.wakeup()
    }

    /** As [enqueueThreadsafe], for a callback that must not get lost if an error strikes the calling thread. */
    internal fun handInSurely(callback: () -> Unit) {
        var place: Inbox.Place? = null
        surely { handIn(place ?: Inbox.Place(Callback(callback)).also { place = it }) }
    }

    internal fun add(timer: Timer) {
        checkOpen()
        timers.add(timer)
    }

    /** Queues the timers that are due now, ahead of callbacks enqueued later. */
    internal fun queueDueTimers() {
        if (!timers.isEmpty()) timers.moveDue(clock.nanoTime(), ready)
    }

    internal fun cancelled(timer: Timer) = timers.cancelled(timer)

    /** A stack was granted the turn: the callbacks of this one pause. */
    internal fun pause() {
        hasToPause = true
    }

    /** Makes [runForever] throw [error] when the current callback ends: for errors that cannot be thrown through the callers. */
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

    /** Ends the root's wait for another stack, since an interrupt came. */
    internal fun interruptPending() {
        interruptPending = true
        poller.wakeup()
    }

    /** Runs the loop on [me] until a stack is granted the turn, and returns that stack. */
    internal fun runUntilGranted(me: LoopStack): LoopStack =
        try {
            runUntilNext()
        } catch (e: Throwable) {
            // No callback threw it: the stack or the memory is full. The root's stack continues where this one stopped.
            if (me === stacks.root || e.isFatal) fatal = e
            stacks.below
        }

    /** The next stack stays granted until it has the turn. */
    private fun runUntilNext(): LoopStack {
        if (!stacks.isLent) {
            timed?.end()
        } else if (stacks.next == null) {
            return stacks.below
        }
        while (true) {
            if (hasToPause) {
                leaveAdopted()
                stacks.next?.let { return it }
                if (fatal != null) return stacks.root!!
                hasToPause = false
            }
            if (leftInTurn == 0) {
                if (hasStopped()) return stacks.root!!
                beginTurn()
            }
            if (isTimed) runReadyTimed() else runReady()
        }
    }

    private fun hasStopped() = stopping && turns != turnsBefore && leftInTurn == 0

    private fun beginTurn() {
        turns++
        try {
            if (!inbox.isEmpty()) inbox.drainTo(ready)
            val simulation = simulatedBy
            val old = if (simulation == null) 0 else ready.size
            if (timers.isEmpty() && !ready.isEmpty()) {
                poller.poll(0)
            } else if (!pollWithTimers()) {
                return
            }
            leftInTurn = if (simulation == null) ready.size else simulation.arrange(ready, old)
        } catch (e: Throwable) {
            if (e is StackOverflowError && stacks.holder !== stacks.root) throw e
            fatal = e
        }
    }

    /** Returns whether the turn continues here. */
    private fun pollWithTimers(): Boolean {
        timers.dropCancelled()
        val areFar = areTimersFar()
        val timeout = pollTimeout()
        if (timeout == 0L) {
            poller.poll(0)
        } else if (!pollOrLeaveToRoot(timeout)) {
            return false
        }
        if (!areFar && !timers.isEmpty()) timers.moveDue(clock.nanoTime(), ready)
        return true
    }

    /**
     * Whether this turn need not read the clock, which costs as much as the rest of it: the last turn has read it, and no timer was then
     * due for long. If that turn was long itself, a timer may run a turn later than it would, but never too early.
     */
    private fun areTimersFar(): Boolean = turns == farIn && !ready.isEmpty() && !timers.isEmpty() && timers.first().deadlineNanos > farFrom

    private fun pollOrLeaveToRoot(timeoutNanos: Long): Boolean {
        val stack = stacks.holder!!
        if (!stack.mayPoll) {
            stacks.scheduleRoot()
            return false
        }
        current.detach()
        ready.forget()
        isIdle = true
        try {
            if (!interruptPending) poller.poll(timeoutNanos)
        } catch (e: InterruptedException) {
            if (stack === stacks.root) throw e
            stack.interrupted()
        } finally {
            isIdle = false
            if (observer.isAsleep) observer.wake()
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
     * [exception] came out of [callback], which handles its own exceptions: it was struck half-way, or the loop is to end. A fatal error
     * leaves the loop; it may have been thrown on a stack other than the root's.
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

    /** As for an error thrown by a callback: [error] struck a step of [owner], on the stack of a body. */
    internal fun cutShort(
        owner: Any?,
        error: Throwable,
    ) = if (owner is Callback) report(owner, error) else leaveWith(error)

    private fun runReadyTimed() {
        if (leftInTurn == 0) return
        val left = leftInTurn--
        val callback = ready.remove()
        var carried: ContextCarriers.Carried? = null
        try {
            beginTimed(callback, left)
            carried = carriers?.enter(callback)
            callback.run()
        } catch (e: Throwable) {
            report(callback, e)
        }
        try {
            leaveAdopted()
            carried?.leave()
            if (stacks.next == null) timed?.end()
        } catch (e: Throwable) {
            // The callback itself is over.
            if (e.isFatal) leaveWith(e) else callExceptionHandler(ExceptionContext("Exception after callback $callback", e))
        }
    }

    /** [callback] is the first of the [left] that are left in the turn. */
    private fun beginTimed(
        callback: Callback,
        left: Int,
    ) {
        val observer = stepObserver
        if (observer == null && !debug) return
        val turnBegins = left >= timedLeft
        timedLeft = left
        if (turnBegins) observer?.turnBegins(left)
        observer?.stepBegins(callback)
        timed = TimedCallback(callback)
    }

    /** The timing of a callback, which may continue on other stacks: by the loop's clock for debug mode, by the machine's for the observer. */
    private inner class TimedCallback(
        private val callback: Callback,
    ) {
        private val start = clock.nanoTime()
        private val machineStart = System.nanoTime()

        fun end() {
            timed = null
            stepObserver?.let(::tellEnd)
            if (!debug) return
            val duration = (clock.nanoTime() - start).nanoseconds
            if (duration >= slowCallbackDuration) logger.warn("Executing {} took {}", callback, duration)
        }

        /** What [observer] throws is not the callback's business. */
        private fun tellEnd(observer: StepObserver) =
            try {
                observer.stepEnds(callback, System.nanoTime() - machineStart)
            } catch (e: Throwable) {
                if (e.isFatal) leaveWith(e) else callExceptionHandler(ExceptionContext("Exception in $observer", e))
            }
    }

    /** Stands for an error that ends the loop, where the loop continues on the root's stack only. */
    private object CutShort : Throwable("", null, false, false) {
        private fun readResolve(): Any = CutShort
    }

    private companion object {
        const val TOO_DEEP_TO_WAIT =
            "the virtual thread that runs the loop stands too deep to wait: run the loop higher up, or on a platform thread"
        const val NO_TURN = 0L
        const val LONG_TURN_NANOS = 1_000_000_000L
        const val MAXIMUM_POLL_NANOS = 24L * 3600 * 1_000_000_000
    }
}

/** This time plus [delay], or [Long.MAX_VALUE] if that overflows. */
internal fun Long.plusSaturated(delay: Duration): Long {
    val nanos = delay.inWholeNanoseconds
    val sum = this + nanos
    return if (nanos > 0 && sum < this) Long.MAX_VALUE else sum
}

/** Runs [block] and adds what it throws: for steps that must all be taken. */
internal inline fun MutableList<Throwable>.adding(block: () -> Unit) {
    try {
        block()
    } catch (e: Throwable) {
        add(e)
    }
}
