// SPDX-License-Identifier: Apache-2.0
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
 *
 * An error may strike anywhere in it, and then what was begun is done again: so every step here either has not begun or is complete.
 */
internal abstract class LoopStack {
    /** The thread of this stack; null before it has one. */
    @JvmField
    protected var ownThread: Thread? = null

    val thread: Thread? get() = ownThread

    abstract val loop: EventLoop

    /** Whether the loop may wait for the world on this stack; if not, the root stack does it. */
    open val mayPoll: Boolean get() = true

    /** How long this looks out for its turn before it parks; null for not at all. */
    open val spin: SpinBeforePark? get() = null

    /**
     * Whether its thread is a virtual one that will sleep after it has handed the loop over. Its frames are moved to the heap
     * then, and that can fail where it stands too deep: so who gets the loop waits until it sleeps, or [takes it back][LoopStacks.runOn].
     */
    open val mayNotFallAsleep: Boolean get() = false

    /** Whether it has a thread, which waits for its first turn perhaps. */
    open val isStarted: Boolean get() = true

    /** Whether it may go on. To make it true is to hand the loop over, of which this is the last act but [wake]. */
    @Volatile
    @JvmField
    var hasTurn: Boolean = false

    @Volatile
    @JvmField
    protected var isResting: Boolean = false

    /** Whether it has handed the loop over and not got it back; known to its own thread alone. */
    @JvmField
    var isWaiting: Boolean = false

    /** Whether it will never wait again, and what it has been granted is void. */
    open val isDeaf: Boolean get() = false

    /** Has its thread begin, which waits for its first turn. */
    open fun start() {}

    /** Wakes this stack, whose turn it is. */
    fun wake() {
        if (isResting) LockSupport.unpark(ownThread)
    }

    /**
     * Waits for its turn; what was written before that is seen after this. Returns false if it has not come, since the thread
     * cannot be put to sleep: whoever was handed the loop has not begun then.
     */
    abstract fun awaitTurn(): Boolean

    /**
     * [awaitTurn] where [rest] waits a while, at most until [wake], and returns false if it cannot. Compiled into each kind of stack by
     * itself: the fewer frames a virtual thread has on its stack when it waits, the sooner it goes on.
     */
    protected inline fun awaitTurn(rest: () -> Boolean): Boolean {
        spin?.lookOut(this)
        do {
            if (!hasTurn) {
                isResting = true
                while (!hasTurn) if (!rest()) return false
                IS_RESTING.setRelease(this, false)
            }
        } while (!loop.stacks.isGiverAsleep(this))
        isWaiting = false
        HAS_TURN.setRelease(this, false)
        return true
    }

    /** Parks its thread; returns false if it stands too deep for that. */
    protected fun park(): Boolean {
        try {
            LockSupport.park(this)
        } catch (_: StackOverflowError) {
            return false
        }
        if (Thread.interrupted()) interrupted()
        return true
    }

    /** [start] has failed: it never begins, also if it has got a thread nevertheless. */
    open fun cannotStart(failure: Throwable): Unit = throw failure

    /** Somebody has interrupted the thread while it waited, or ran the loop. */
    abstract fun interrupted()

    /** For what need not be seen by others before this hands the loop over: a volatile store takes a fence, and most of a switch is fences. */
    protected companion object {
        @JvmField
        val HAS_TURN: VarHandle = MethodHandles.lookup().findVarHandle(LoopStack::class.java, "hasTurn", Boolean::class.java)

        @JvmField
        val IS_RESTING: VarHandle = MethodHandles.lookup().findVarHandle(LoopStack::class.java, "isResting", Boolean::class.java)
    }
}

/**
 * Does [block], which must not be left half-way, and returns the error that has struck it, or null: then it was done again.
 *
 * It has room on its stack, and so errors that are not its own come one at a time, for want of memory say.
 */
internal inline fun surely(block: () -> Unit): Throwable? =
    try {
        block()
        null
    } catch (e: Throwable) {
        block()
        e
    }
