// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.Awaitable
import dev.simul.Future
import dev.simul.TaskStep
import dev.simul.context.Context
import dev.simul.context.ContextOwner
import dev.simul.exceptions.GeneratorExit
import dev.simul.loop.Callback
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.Link
import dev.simul.loop.LinkedQueue
import dev.simul.loop.LoopLocal
import dev.simul.loop.LoopStack
import dev.simul.loop.RootStack
import dev.simul.loop.SpinBeforePark
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.loop.setEventLoop
import dev.simul.loop.startingThread
import dev.simul.loop.surely
import dev.simul.runInLoop
import java.util.concurrent.Callable
import kotlin.coroutines.Continuation
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.intrinsics.COROUTINE_SUSPENDED
import kotlin.coroutines.intrinsics.suspendCoroutineUninterceptedOrReturn
import kotlin.coroutines.jvm.internal.CoroutineStackFrame

/**
 * Plain code on a stack of its own that is part of a coroutine, its *driver*.
 *
 * To the driver, and to what the body awaits, it is a continuation. What it awaits starts on the body's stack, as a part of
 * the driver's task; if that suspends, the body's step has ended, and the loop runs on here until the result has come and
 * it is the body's turn again, or until it is that of another stack.
 */
internal class Body<T>(
    private val callable: Callable<T>,
    override val loop: EventLoop,
) : LoopStack(),
    Runnable,
    Continuation<Any?>,
    CoroutineStackFrame,
    Link<Body<*>> {
    override var previous: Body<*>? = null
    override var next: Body<*>? = null
    override var isLinked = false

    private val carrier = loop.carrier
    private var driver: Continuation<T>? = null
    private var classLoader: ClassLoader? = null
    override var isStarted = false
        private set

    /** On whose behalf the body has its turn, and with which context variables. */
    private var stepOwner: ContextOwner? = null
    private var stepContext: Context? = null

    /** What was current before, if the body's step is inside another one. */
    private var outerOwner: ContextOwner? = null
    private var outerContext: Context? = null
    private var isOuterMarked = false

    /** The context that the body has entered by itself and waits in. */
    private var enteredContext: Context? = null

    private var isRunning = false
    private var isInterrupted = false
    private var state = State.LIVE

    /** How many times it may wait before it looks how deep it stands. */
    private var waitsUntilLook = WAITS_PER_LOOK

    val isAbandoned: Boolean get() = state == State.ABANDONED

    override val isDeaf: Boolean get() = state == State.DEAF || state == State.ENDED

    private var awaitedValue: Any? = null
    private var awaitedFailure: Throwable? = null

    /** The call that was made last, if it has not begun. */
    private var pending: Call<*>? = null

    override val context: CoroutineContext get() = driver!!.context

    override val callerFrame: CoroutineStackFrame? get() = driver as? CoroutineStackFrame

    override fun getStackTraceElement(): StackTraceElement? = null

    override val mayPoll: Boolean get() = carrier.mayPoll

    override val mayNotFallAsleep: Boolean get() = carrier == Carrier.VIRTUAL && state != State.ENDED

    override val spin: SpinBeforePark? get() = if (carrier == Carrier.PLATFORM) loop.spin else null

    // On other stacks.

    /** Runs the body to its end. */
    suspend fun drive(): T =
        suspendCoroutineUninterceptedOrReturn { continuation ->
            driver = continuation
            classLoader = loop.contextClassLoader
            grantTurn()
            COROUTINE_SUSPENDED
        }

    /** What the body awaits has come. */
    override fun resumeWith(result: Result<Any?>) {
        if (!loop.isInLoop) return loop.runInLoop { resumeWith(result) }
        if (state == State.DEAF) return
        awaitedFailure = result.exceptionOrNull()
        awaitedValue = result.getOrNull()
        if (state != State.GIVING_UP) grantTurn()
    }

    private fun grantTurn() {
        val current = loop.current
        val owner = current.owner
        // A task's own context, also where its step runs inside one that a body has entered by itself.
        val context = owner?.variables ?: current.context
        if (stepOwner !== owner) stepOwner = owner
        if (stepContext !== context) stepContext = context
        loop.stacks.schedule(this)
    }

    override fun start() {
        startingThread { carrier.start(this, loop) }
        isStarted = true
    }

    /** There is no thread for it: its task fails in a turn of its own. */
    override fun cannotStart(failure: Throwable) {
        if (state != State.REFUSED) {
            state = State.REFUSED
            hasTurn = true
            wake()
        }
        loop.enqueue(Callback { loop.current.runAs(stepContext!!, stepOwner) { driver!!.resumeWith(Result.failure(failure)) } })
    }

    /** The loop was closed, and will never end what the body awaits. */
    private fun abandon() {
        if (!isLinked) return // It has ended on the way, in a turn that it was granted before.
        state = State.ABANDONED
        awaitedFailure = GeneratorExit()
        loop.stacks.lendTo(this, RootStack(loop, loop.rootExecutor))
    }

    // On the body's stack.

    override fun run() {
        ownThread = Thread.currentThread()
        if (!hasTurn) Thread.yield()
        surely { awaitTurn() }
        if (state == State.REFUSED) return
        var value: T? = null
        var failure = surely { beginFirstTurn() }
        if (failure == null) {
            try {
                value = runHere(callable)
            } catch (e: Throwable) {
                failure = e
            }
        }
        surely { end(value, failure) }
        surely { loop.stacks.runOnAndLeave(this) }
        if (carrier.reusesThreads) loop.stacks.leaveThread()
    }

    private fun beginFirstTurn() {
        loop.stacks.takeThread()
        Thread.currentThread().contextClassLoader = classLoader
        if (!isRunning) beginStep()
    }

    private fun end(
        value: T?,
        failure: Throwable?,
    ) {
        val isAbandoned = isAbandoned
        state = State.ENDED
        if (isAbandoned) abandonedBody.set(null)
        if (carrier.reusesThreads) setEventLoop(null)
        Thread.interrupted()
        if (isLinked) waitsNoLonger()
        if (isAbandoned) return reportEndOfAbandoned(failure)
        tellDriver(value, failure)
        if (isRunning) endStep()
    }

    @Suppress("UNCHECKED_CAST")
    private fun tellDriver(
        value: T?,
        failure: Throwable?,
    ) {
        val driver = driver ?: return
        this.driver = null
        try {
            driver.resumeWith(if (failure == null) Result.success(value as T) else Result.failure(failure))
        } catch (e: Throwable) {
            loop.cutShort(stepOwner, e)
        }
    }

    private fun reportEndOfAbandoned(failure: Throwable?) {
        if (failure == null || failure is GeneratorExit) return
        val report = ExceptionContext("Exception in a body that was ended because its loop has closed", failure)
        try {
            loop.callExceptionHandler(report)
        } catch (e: Throwable) {
            loop.leaveWith(e)
        }
    }

    /** Runs [callable] on the body's stack; the last call it made begins at the latest when it ends. */
    fun <R> runHere(callable: Callable<R>): R =
        try {
            callable.call()
        } catch (e: StackOverflowError) {
            dropPending(e)
            throw e
        } finally {
            startPending()
        }

    fun <R> await(awaitable: Awaitable<R>): R {
        checkMayAwait()
        if (loop.debug) carrier.checkCanWait()
        val value =
            try {
                AWAIT(awaitable, this)
            } catch (e: Throwable) {
                throw if (awaitable is Future<*>) e.awaitedHere() else e
            }
        @Suppress("UNCHECKED_CAST")
        return (if (value === COROUTINE_SUSPENDED) waitForTurn() else value) as R
    }

    fun checkMayAwait() {
        if (state != State.LIVE) refuse()
    }

    private fun refuse() {
        when (state) {
            State.ABANDONED -> throw GeneratorExit()
            State.DEAF -> throw StackOverflowError(TOO_DEEP_TO_WAIT)
            State.TOO_DEEP -> {
                state = State.LIVE
                throw StackOverflowError("a body that awaits may have $MOST_FRAMES frames on its stack, this one has more")
            }
            else -> {}
        }
    }

    /** It waits, whatever strikes it on its way, and has that thrown at it when it is its turn. */
    private fun waitForTurn(): Any? {
        if (--waitsUntilLook == 0) lookHowDeep()
        var struck = surely { endStepToWait() }
        val canWait =
            try {
                loop.stacks.runOn(this)
            } catch (e: Throwable) {
                struck = e
                runOnAgain()
            }
        struck = surely {
            if (isAbandoned) {
                goOnAbandoned()
            } else if (!isRunning) {
                beginStep()
            }
        } ?: struck
        if (!canWait) giveUpWaiting()
        if (isInterrupted) interruptAgain()
        if (struck != null) awaitedFailure = struck
        val failure = awaitedFailure
        if (failure != null) {
            awaitedFailure = null
            throw failure.awaitedHere()
        }
        return awaitedValue.also { awaitedValue = null }
    }

    private fun goOnAbandoned() {
        loop.stacks.leaveThread()
        abandonedBody.set(this)
    }

    private fun runOnAgain(): Boolean = loop.stacks.runOn(this)

    /** The error goes to the place that waits, and comes from there. If it does not, nothing that happens there is heard from then on. */
    private fun giveUpWaiting() {
        val error = StackOverflowError(TOO_DEEP_TO_WAIT)
        state = State.GIVING_UP
        try {
            (stepOwner as? TaskStep<*>)?.giveUpWaiting(error)
        } finally {
            state = if (awaitedFailure == null) State.DEAF else State.LIVE
            if (awaitedFailure == null) awaitedFailure = error
        }
    }

    private fun endStepToWait() {
        if (!isLinked) waitsFirst()
        if (isRunning) endStep()
        if (Thread.interrupted()) isInterrupted = true
    }

    private fun waitsFirst() = waiting[loop].add(this)

    private fun waitsNoLonger() = waiting[loop].remove(this)

    /** Also while it lends the loop, in the middle of its step. */
    override fun awaitTurn(): Boolean {
        val hasTurn = awaitTurn { park() }
        if (isRunning && isInterrupted) interruptAgain()
        return hasTurn
    }

    /** A recursion that awaits on its way does not overflow a stack that is kept in the heap. It ends where it is too deep for others. */
    private fun lookHowDeep() {
        waitsUntilLook = WAITS_PER_LOOK
        if (!carrier.keepsFramesInHeap || state != State.LIVE) return
        val depth = StackWalker.getInstance().walk { frames -> frames.limit(MOST_FRAMES + 1L).count() }
        if (depth > MOST_FRAMES) state = State.TOO_DEEP
    }

    override fun interrupted() {
        isInterrupted = true
    }

    /** An interrupt is the body's own affair: the loop takes no notice of it, and the body finds it when it has its turn. */
    private fun interruptAgain() {
        isInterrupted = false
        Thread.currentThread().interrupt()
    }

    private fun beginStep() {
        val current = loop.current
        isRunning = true
        if (current.isActive) {
            outerOwner = current.owner
            outerContext = current.context
            isOuterMarked = current.markEntered(current.context)
        }
        stepContext!!.enter(current)
        current.begin(stepOwner)
        val entered = enteredContext
        if (entered != null) {
            enteredContext = null
            entered.enter(current)
        }
    }

    private fun endStep() {
        val current = loop.current
        isRunning = false
        val context = current.context
        if (context !== stepContext) {
            context.leave()
            enteredContext = context
        }
        stepContext!!.leave()
        if (current.end()) {
            current.owner = outerOwner
            current.context = outerContext!!
            if (isOuterMarked) current.context.leave()
            outerOwner = null
            outerContext = null
        }
    }

    // Calls.

    /** Makes [call] the pending one; the one before it begins now, as a task. */
    fun add(call: Call<*>) {
        startPending()
        pending = call
    }

    fun startPending() {
        val call = pending ?: return
        pending = null
        if (!isAbandoned) call.start()
    }

    /** The stack has overflowed: the pending call was to go deeper still, perhaps, and never begins. */
    private fun dropPending(error: StackOverflowError) {
        val call = pending ?: return
        call.neverBegins(error)
        pending = null
    }

    /** Whether [call] is the pending one, which it is no longer after this. */
    fun takePending(call: Call<*>): Boolean {
        if (pending !== call) return false
        pending = null
        return true
    }

    private val isCurrent: Boolean get() = isAbandoned || (isRunning && loop.current.owner === stepOwner)

    private enum class State {
        /** Not started, running or waiting. */
        LIVE,

        /** Its start has failed; known to its thread, if it has got one nevertheless, by its turn. */
        REFUSED,

        /** Its next await throws a StackOverflowError. */
        TOO_DEEP,

        /** What is awaited ends now, by an error, since the body cannot wait for it. */
        GIVING_UP,

        /** Something that it has given up has not ended. Nothing is heard of that, and all that the body awaits throws a StackOverflowError. */
        DEAF,

        /** The loop has closed: all that the body awaits throws a [GeneratorExit]. */
        ABANDONED,

        ENDED,
    }

    companion object {
        /** The function as the machine has it: with the continuation as its last argument, which no coroutine around it need be made for. */
        @Suppress("UNCHECKED_CAST")
        private val AWAIT = Awaitable<*>::await as (Awaitable<*>, Continuation<*>) -> Any?

        /** More than a platform thread's stack has room for, by default. */
        private const val MOST_FRAMES = 65_536

        /** To look takes microseconds. */
        private const val WAITS_PER_LOOK = 4_096

        private const val TOO_DEEP_TO_WAIT =
            "the body stands too deep in its virtual thread to wait: await higher up, or run bodies on platform threads"

        /** The body of a thread that no longer holds a loop. */
        private val abandonedBody = ThreadLocal<Body<*>?>()

        /** The bodies of a loop that have awaited something and not ended. */
        private val waiting =
            LoopLocal<LinkedQueue<Body<*>>>(
                onClose = { _, bodies -> bodies.forEach { it.abandon() } },
                initial = { LinkedQueue() },
            )

        /** The body that is calling; null also in another task, which it starts eagerly, and in callbacks. */
        fun currentOrNull(): Body<*>? {
            val loop = getRunningLoopOrNull() ?: return abandonedBody.get()
            return currentOrNull(loop)
        }

        /** As [currentOrNull], where the caller, if it is a body, is one of [loop]. */
        fun currentOrNull(loop: EventLoop): Body<*>? =
            when (val stack = loop.stacks.own) {
                is Body<*> -> stack.takeIf { it.isCurrent }
                null -> abandonedBody.get()
                else -> null
            }

        /** The threads of the bodies that wait on behalf of [owner]. */
        fun threadsOf(
            loop: EventLoop,
            owner: ContextOwner,
        ): List<Thread> {
            val threads = ArrayList<Thread>()
            waiting[loop].forEach { if (it.stepOwner === owner) threads += it.thread!! }
            return threads
        }

        fun current(): Body<*> = currentOrNull() ?: throw IllegalStateException(whyNoBody())

        fun whyNoBody(): String =
            if (getRunningLoopOrNull() != null) {
                "the loop's own thread cannot wait, all tasks would: do this in a body, that is in a Callable given to run or createTask"
            } else {
                "thread '${Thread.currentThread().name}' runs no body: " +
                    "do this inside run, in the body given to it or to createTask"
            }
    }
}
