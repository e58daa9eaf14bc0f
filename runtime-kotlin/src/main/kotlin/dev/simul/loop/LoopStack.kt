// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import java.lang.invoke.MethodHandles
import java.lang.invoke.VarHandle
import java.util.concurrent.locks.LockSupport

/**
 * A stack that the loop runs on: the stack of the thread that called `runForever`, or of a body.
 *
 * The loop's state lives in the heap, and exactly one stack *holds* the loop at any time. A body that awaits runs the loop on its own
 * stack: until its own turn comes again, and then nothing was switched, or until the turn of another stack comes, to which it hands the
 * loop over.
 *
 * An error may strike at any point, and the interrupted operation is then repeated: so each step here has either not begun or is complete.
 */
internal abstract class LoopStack {
    /** The thread of this stack; null until it has one. */
    @JvmField
    protected var ownThread: Thread? = null

    val thread: Thread? get() = ownThread

    abstract val loop: EventLoop

    /** Whether the loop may poll on this stack; if not, the root stack does it. */
    open val mayPoll: Boolean get() = true

    /** The spin budget before this stack parks; null for none. */
    open val spin: SpinBeforePark? get() = null

    /**
     * Whether its thread is a virtual one, which unmounts after it has handed the loop over. The JVM then moves its frames to the heap, and
     * that can fail if the stack is too deep: so the receiver waits until this stack sleeps, or [takes the loop back][LoopStacks.runOn].
     */
    open val mayNotFallAsleep: Boolean get() = false

    /** Whether it has a thread, possibly one that waits for its first turn. */
    open val isStarted: Boolean get() = true

    /** Whether it may continue. Setting this hands the loop over; only [wake] comes after it. */
    @Volatile
    @JvmField
    var hasTurn: Boolean = false

    @Volatile
    @JvmField
    protected var isResting: Boolean = false

    /** Whether it has handed the loop over and not got it back; used by its own thread only. */
    @JvmField
    var isWaiting: Boolean = false

    /** Whether it will never wait again, so that a grant to it is void. */
    open val ignoresGrants: Boolean get() = false

    /** Starts its thread, which waits for its first turn. */
    open fun start() {}

    /** Wakes this stack, whose turn it is. */
    fun wake() {
        if (isResting) LockSupport.unpark(ownThread)
    }

    /**
     * Waits for its turn; writes made before the hand-over are visible after it. Returns false if the turn has not come because the thread
     * cannot be put to sleep: the stack that was handed the loop has then not begun.
     */
    abstract fun awaitTurn(): Boolean

    /**
     * [awaitTurn] by means of [rest], which waits a while, at most until [wake], and returns false if it cannot. Inlined into each kind of
     * stack: the fewer frames a virtual thread has on its stack when it waits, the sooner it continues.
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

    /** Parks its thread; returns false if the stack is too deep for that. */
    protected fun park(): Boolean {
        try {
            LockSupport.park(this)
        } catch (_: StackOverflowError) {
            return false
        }
        if (Thread.interrupted()) interrupted()
        return true
    }

    /** [start] failed: the stack never begins, even if it got a thread nevertheless. */
    open fun cannotStart(failure: Throwable): Unit = throw failure

    /** The thread was interrupted while it waited or ran the loop. */
    abstract fun interrupted()

    /**
     * For writes that need not be visible before this hands the loop over: a volatile store costs a fence, and fences are most of the cost
     * of a switch.
     */
    protected companion object {
        @JvmField
        val HAS_TURN: VarHandle = MethodHandles.lookup().findVarHandle(LoopStack::class.java, "hasTurn", Boolean::class.java)

        @JvmField
        val IS_RESTING: VarHandle = MethodHandles.lookup().findVarHandle(LoopStack::class.java, "isResting", Boolean::class.java)
    }
}

/**
 * Runs [block], which must not be left half-way. If an error strikes it, runs it again and returns the error, otherwise null.
 *
 * The stack has room, so errors that are not its own, for lack of memory say, come one at a time.
 */
internal inline fun surely(block: () -> Unit): Throwable? =
    try {
        block()
        null
    } catch (e: Throwable) {
        block()
        e
    }
