package dev.simul.loop

import java.lang.invoke.MethodHandles
import java.lang.invoke.VarHandle
import java.util.concurrent.locks.LockSupport

/**
 * A stack that the loop runs on: that of the thread which called `runForever`, or one of a body.
 *
 * The loop's state lives in the heap, and exactly one stack *holds* the loop at any time. A body that awaits runs the loop on
 * its own stack until the turn is its own again, and then nothing was switched; or until it is that of another stack, which it
 * hands the loop to.
 */
internal abstract class LoopStack {
    /** The thread of this stack; null before it has one. */
    var thread: Thread? = null
        protected set

    /** Whether the loop may wait for the world on this stack; if not, the root stack does it. */
    open val mayPoll: Boolean get() = true

    /** How long this looks out for its turn before it parks; null for not at all. */
    open val patience: Patience? get() = null

    /** Whether it may go on. */
    @Volatile
    var hasTurn: Boolean = false
        private set

    @Volatile
    private var isResting = false

    /** Has this stack go on. The caller, which held the loop, no longer touches what is the loop's. */
    open fun resume() {
        hasTurn = true
        if (isResting) LockSupport.unpark(thread)
    }

    /** Waits for [resume]; what was written before that is seen after this. */
    open fun awaitTurn() {
        patience?.lookOut(this)
        if (!hasTurn) {
            isResting = true
            while (!hasTurn) rest()
            IS_RESTING.setRelease(this, false)
        }
        HAS_TURN.setRelease(this, false)
    }

    /** Waits a while, at most until [resume]. */
    protected open fun rest() {
        LockSupport.park(this)
        if (Thread.interrupted()) interrupted()
    }

    /** [resume] has failed: it is as if it had never been called. */
    open fun cannotStart(failure: Throwable): Unit = throw failure

    /** Somebody has interrupted the thread while it waited, or ran the loop. */
    abstract fun interrupted()

    /** For what need not be seen by others before this hands the loop over: a volatile store takes a fence, and most of a switch is fences. */
    private companion object {
        val HAS_TURN: VarHandle = MethodHandles.lookup().findVarHandle(LoopStack::class.java, "hasTurn", Boolean::class.java)
        val IS_RESTING: VarHandle = MethodHandles.lookup().findVarHandle(LoopStack::class.java, "isResting", Boolean::class.java)
    }
}
