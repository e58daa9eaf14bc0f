// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.Awaitable
import dev.simul.OwnStack
import dev.simul.Task
import dev.simul.TaskStep
import dev.simul.Traces
import dev.simul.context.Context
import dev.simul.context.ContextOwner
import dev.simul.exceptions.GeneratorExit
import dev.simul.exceptions.isCancellation
import dev.simul.loop.Callback
import dev.simul.loop.ContextCarriers
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.Link
import dev.simul.loop.LinkedQueue
import dev.simul.loop.LoopLocal
import dev.simul.loop.LoopStack
import dev.simul.loop.RootStack
import dev.simul.loop.SpinBeforePark
import dev.simul.loop.StackRoom
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
 * To the driver, and to the calls that the body awaits, it is a continuation. An awaited call starts on the body's stack, as a part of the
 * driver's task. If the call suspends, the body's step has ended, and the loop runs on here until the result is available and it is the
 * body's turn again, or until it is the turn of another stack.
 */
internal class Body<T>(
    private val callable: Callable<T>,
    override val loop: EventLoop,
) : LoopStack(),
    Runnable,
    Continuation<Any?>,
    OwnStack,
    Link<Body<*>> {
    override var previous: Body<*>? = null
    override var next: Body<*>? = null
    override var isLinked = false

    private val carrier = loop.carrier
    private var driver: Continuation<T>? = null
    private var classLoader: ClassLoader? = null
    override var isStarted = false
        private set

    /** The owner for whom the body has its turn, and whose context variables it uses. */
    private var stepOwner: ContextOwner? = null
    private var stepContext: Context? = null

    /** The owner that was current before, if the body's step is inside another one. */
    private var outerOwner: ContextOwner? = null
    private var outerContext: Context? = null
    private var isOuterMarked = false

    /** What the loop's carriers have given the thread for this step. */
    private var carried: ContextCarriers.Carried? = null

    /** The context that the body has entered itself and waits in. */
    private var enteredContext: Context? = null

    private var isRunning = false
    private var isInterrupted = false
    private var state = State.LIVE

    /** How many times it may wait before it next checks the depth of its stack. */
    private var waitsUntilLook = WAITS_PER_LOOK

    val isAbandoned: Boolean get() = state == State.ABANDONED

    val hasEnded: Boolean get() = state == State.ENDED

    /** The task that it is part of; null before its first turn. */
    val task: Task<*>? get() = (stepOwner as? TaskStep<*>)?.task

    override val ignoresGrants: Boolean get() = state == State.LOST_WAIT || state == State.ENDED

    private var awaitedValue: Any? = null
    private var awaitedFailure: Throwable? = null

    /** The last call made, if it has not begun. */
    private var pending: Call<*>? = null

    override val context: CoroutineContext get() = driver!!.context

    override val callerFrame: CoroutineStackFrame? get() = driver as? CoroutineStackFrame

    override fun getStackTraceElement(): StackTraceElement? = null

    override val frames: List<StackTraceElement> get() = framesOfWait()

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

    /** The result that the body awaits is available. */
    override fun resumeWith(result: Result<Any?>) {
        if (!loop.isInLoop) return loop.runInLoop { resumeWith(result) }
        if (state == State.LOST_WAIT) return
        awaitedFailure = result.exceptionOrNull()
        awaitedValue = result.getOrNull()
        if (state != State.GIVING_UP) grantTurn()
    }

    private fun grantTurn() {
        val current = loop.current
        val owner = current.owner
        // A task's own context, even if its step runs inside one that a body has entered itself.
        val context = owner?.variables ?: current.context
        if (stepOwner !== owner) stepOwner = owner
        if (stepContext !== context) stepContext = context
        loop.stacks.schedule(this)
    }

    override fun start() {
        startingThread { carrier.start(this, loop) }
        isStarted = true
    }

    /** No thread can be started for it: its task fails in a turn of its own. */
    override fun cannotStart(failure: Throwable) {
        if (state != State.REFUSED) {
            state = State.REFUSED
            hasTurn = true
            wake()
        }
        loop.enqueue(Callback { loop.current.runAs(stepContext!!, stepOwner) { driver!!.resumeWith(Result.failure(failure)) } })
    }

    /** The loop was closed, and will never end the body's wait. */
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
        if (failure != null) Traces.passesTo(driver, stepOwner as? TaskStep<*>, failure)
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

    /** Runs [callable] on the body's stack; the last call that it made begins, at the latest, when it ends. */
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
        val value = AWAIT(awaitable, this)
        @Suppress("UNCHECKED_CAST")
        return (if (value === COROUTINE_SUSPENDED) waitForTurn() else value) as R
    }

    fun checkMayAwait() {
        if (state != State.LIVE) refuse()
    }

    private fun refuse() {
        when (state) {
            State.ABANDONED -> throw GeneratorExit()
            State.LOST_WAIT -> throw StackOverflowError(TOO_DEEP_TO_WAIT)
            State.TOO_DEEP -> {
                state = State.LIVE
                throw StackOverflowError("a body that awaits may have $MOST_FRAMES frames on its stack, this one has more")
            }
            else -> {}
        }
    }

    /** Waits even if an error strikes on the way; that error is then thrown when its turn comes. */
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
            if (failure.isCancellation) (stepOwner as? TaskStep<*>)?.let(::noteCancelled)
            Traces.passesHere(stepOwner as? TaskStep<*>, failure)
            throw failure
        }
        return awaitedValue.also { awaitedValue = null }
    }

    private fun goOnAbandoned() {
        loop.stacks.leaveThread()
        abandonedBody.set(this)
    }

    private fun runOnAgain(): Boolean = loop.stacks.runOn(this)

    /** Sends the error to the wait, which then throws it. If the wait does not end, whatever happens there later is ignored. */
    private fun giveUpWaiting() {
        val error = StackOverflowError(TOO_DEEP_TO_WAIT)
        state = State.GIVING_UP
        try {
            (stepOwner as? TaskStep<*>)?.giveUpWaiting(error)
        } finally {
            state = if (awaitedFailure == null) State.LOST_WAIT else State.LIVE
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

    /** Also called while it lends the loop, in the middle of its step. */
    override fun awaitTurn(): Boolean {
        val hasTurn = awaitTurn { park() }
        if (isRunning && isInterrupted) interruptAgain()
        return hasTurn
    }

    /**
     * A recursion that awaits on its way never overflows a stack that is kept in the heap. This ends it at a depth that is too deep for
     * other stacks.
     */
    private fun lookHowDeep() {
        waitsUntilLook = WAITS_PER_LOOK
        if (!carrier.keepsFramesInHeap || state != State.LIVE) return
        val depth = StackWalker.getInstance().walk { frames -> frames.limit(MOST_FRAMES + 1L).count() }
        if (depth > MOST_FRAMES) state = State.TOO_DEEP
    }

    override fun interrupted() {
        isInterrupted = true
    }

    /** An interrupt concerns the body alone: the loop ignores it, and the body finds it when it has its turn. */
    private fun interruptAgain() {
        isInterrupted = false
        Thread.currentThread().interrupt()
    }

    private fun beginStep() {
        val current = loop.current
        val carriers = loop.carriers
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
        if (carriers != null) carried = carriers.enter(stepContext!!)
    }

    private fun endStep() {
        val current = loop.current
        if (carried != null || loop.carriers != null) leaveCarried()
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

    private fun leaveCarried() {
        loop.leaveAdopted()
        val carried = carried
        this.carried = null
        carried?.leave()
    }

    // Calls.

    /** Makes [call] the pending one; the previous one begins now, as a task. */
    fun add(call: Call<*>) {
        startPending()
        pending = call
    }

    fun startPending() {
        val call = pending ?: return
        pending = null
        if (!isAbandoned) call.start()
    }

    /** The stack has overflowed: the pending call, which might go deeper still, never begins. */
    private fun dropPending(error: StackOverflowError) {
        val call = pending ?: return
        call.neverBegins(error)
        pending = null
    }

    /** Returns whether [call] was the pending one, which it no longer is. */
    fun takePending(call: Call<*>): Boolean {
        if (pending !== call) return false
        pending = null
        return true
    }

    private val isCurrent: Boolean get() = isAbandoned || (isRunning && loop.current.owner === stepOwner)

    private enum class State {
        /** Not started, running or waiting. */
        LIVE,

        /** Its start failed. If it got a thread nevertheless, that thread learns of it when it has its turn. */
        REFUSED,

        /** Its next await throws a StackOverflowError. */
        TOO_DEEP,

        /** Its wait ends now, with an error, since it cannot wait. */
        GIVING_UP,

        /** A wait that it gave up has not ended. Its outcome is ignored, and every await of the body throws a StackOverflowError. */
        LOST_WAIT,

        /** The loop has closed: every await of the body throws a [GeneratorExit]. */
        ABANDONED,

        ENDED,
    }

    companion object {
        /** The function as the JVM has it: with the continuation as its last argument, so that no coroutine around it need be made. */
        @Suppress("UNCHECKED_CAST")
        private val AWAIT = Awaitable<*>::await as (Awaitable<*>, Continuation<*>) -> Any?

        /** More frames than fit on a platform thread's stack of the default size. */
        private const val MOST_FRAMES = 65_536

        /** A check takes microseconds. */
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

        /** Those of [loop] that have awaited something and not ended; any thread may ask, and may then miss some while others end. */
        fun waitingOn(loop: EventLoop): List<Body<*>> {
            val bodies = ArrayList<Body<*>>()
            waiting.getOrNull(loop)?.walk { bodies += it }
            return bodies
        }

        /** The calling body; null also in another task, which it starts eagerly, and in callbacks. */
        fun currentOrNull(): Body<*>? {
            val loop = getRunningLoopOrNull() ?: return abandonedBody.get()
            return currentOrNull(loop)
        }

        /** As [currentOrNull], for a caller that, if it is a body, is one of [loop]. */
        fun currentOrNull(loop: EventLoop): Body<*>? =
            when (val stack = loop.stacks.own) {
                is Body<*> -> stack.takeIf { it.isCurrent }
                null -> abandonedBody.get()
                else -> null
            }

        /**
         * The calling body, which is to await now: there is room for that on its stack, and its pending call has begun.
         *
         * @throws IllegalStateException if the caller is not a body.
         * @throws StackOverflowError if there is too little room.
         */
        fun currentForAwait(): Body<*> {
            val body = currentOrNull() ?: throw IllegalStateException(whyNoBody())
            StackRoom.requireForAwait()
            body.startPending()
            return body
        }

        fun whyNoBody(): String =
            if (getRunningLoopOrNull() != null) {
                "the loop's own thread cannot wait, all tasks would: do this in a body, that is in a Callable given to run or createTask"
            } else {
                "thread '${Thread.currentThread().name}' runs no body: " +
                    "do this inside run, in the body given to it or to createTask"
            }
    }
}
