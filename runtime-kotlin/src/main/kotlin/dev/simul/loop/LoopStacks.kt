// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.CurrentContext
import java.lang.invoke.VarHandle

/**
 * Which of its stacks holds [loop], which one has it next, and how it goes from one to the other.
 *
 * At a hand-over the holder gives up the loop for good, until somebody hands it back: a *grant* of [schedule] says whose turn it is
 * when the present step ends. A stack that must go on in the middle of its step afterwards *lends* it, up to the end of the
 * borrower's step.
 */
internal class LoopStacks(
    private val loop: EventLoop,
) {
    /** The stack that holds the loop; null if nobody runs it. */
    var holder: LoopStack? = null
        private set

    /** The stack whose turn it is when the present step ends; null for that of the next callback. */
    var next: LoopStack? = null
        private set

    /** The stack of the thread that called [EventLoop.runForever] last. */
    var root: RootStack? = null
        private set

    /** Stacks that wait in the middle of a step for the end of another stack's step, the innermost last. */
    private val lenders = ArrayDeque<LoopStack>()

    /** Whether the loop was handed over last to one of [lenders]. */
    private var wasLender = false

    /** Who has handed the loop over last, and must sleep before that counts; null if that is certain. */
    private var giver: LoopStack? = null

    /** How often the loop was handed over from one stack to another. */
    private var handOvers = 0

    /**
     * The thread that holds the loop, for those who ask from any thread. They only ask whether it is their own, and what a thread has
     * written itself it sees: so this need not be volatile, which would cost a switch a fence more.
     */
    private var thread: Thread? = null

    /** Whether the calling thread holds the loop. */
    val isHeldHere: Boolean get() = thread === Thread.currentThread()

    /** The stack that holds the loop, if the calling thread is its own. */
    val own: LoopStack? get() = holder?.takeIf { it.thread === Thread.currentThread() }

    val isLent: Boolean get() = !lenders.isEmpty()

    /** Whose turn it is where a step on another stack cannot go on, or has ended and is all that the loop was lent for. */
    val below: LoopStack get() = if (lenders.isEmpty()) root!! else lenders.last()

    /** The calling thread runs the loop from now on, on [root]. */
    fun begin(root: RootStack) {
        this.root = root
        holder = root
        takeThread()
    }

    /** Nobody runs the loop from now on. */
    fun end() {
        leaveThread()
        holder = null
        thread = null
    }

    /** The loop is closing: no stack gets a turn any longer that it was granted. */
    fun beginToClose() {
        next = null
    }

    /** The last body has ended, and its thread holds nothing. */
    fun endToClose() {
        thread = null
    }

    /** What is to be done can be done on the root's stack alone. */
    fun scheduleRoot() {
        grant(root!!)
    }

    /** Resumes [next] when the present step ends, since what it waited for has come. */
    fun schedule(next: LoopStack) {
        if (this.next == null) grant(next) else loop.enqueue(Callback { if (!next.isDeaf) schedule(next) })
    }

    private fun grant(next: LoopStack) {
        loop.pause()
        this.next = next
    }

    /**
     * Runs the loop on [me], whose step has ended, until it is its turn again: here, or meanwhile on other stacks. Returns false
     * if others are to have the loop and [me], which has it still, stands too deep to wait.
     *
     * If an error comes out of it, this is to be called again. Compiled into its caller, it leaves no frame on a stack that waits.
     */
    @Suppress("NOTHING_TO_INLINE")
    inline fun <S : LoopStack> runOn(me: S): Boolean = (!me.isWaiting && runUntilHandedOver(me)) || me.awaitTurn() || takeBack(me)

    /** Runs the loop on [me] until it is its turn again, or another stack has been handed the loop; returns whether it is its turn. */
    fun runUntilHandedOver(me: LoopStack): Boolean {
        do {
            val next = loop.runUntilGranted(me)
            if (next === me) {
                if (this.next === me) this.next = null
                return true
            }
        } while (!handOver(next, me))
        return false
    }

    /** Whoever was handed the loop has not begun, and [me] can have it back as if nothing had happened; but not its turn: returns false. */
    fun takeBack(me: LoopStack): Boolean {
        val next = holder!!
        if (wasLender) {
            lenders.addLast(next)
        } else if (next !== root) {
            grant(next)
        }
        holder = me
        thread = me.thread
        me.isWaiting = false
        next.hasTurn = false
        return false
    }

    /** Runs the loop on [me], which has come to its end, until another stack can have it. */
    fun runOnAndLeave(me: LoopStack) {
        if (me.isWaiting) return
        do {
            val next = loop.runUntilGranted(me)
        } while (!handOver(next, me))
    }

    /**
     * If a stack was granted the turn inside a step that goes on after it: waits until that one's step has ended. A thread that
     * has only borrowed the loop cannot: there the stack's turn comes when the step has ended.
     */
    fun runGrantedNow() {
        val next = next ?: return
        val lender = holder!!
        if (lender.thread !== Thread.currentThread()) return
        lendTo(next, lender)
    }

    /** Waits until whoever gave [me] the turn sleeps, and returns whether it does; if not, it has taken the turn back. */
    fun isGiverAsleep(me: LoopStack): Boolean {
        while (me.hasTurn) {
            val handOver = handOvers
            val giver = giver
            if (giver == null || giver.thread!!.state == Thread.State.WAITING) {
                // Asleep in this hand-over, not in an earlier one that was taken back.
                VarHandle.loadLoadFence()
                if (me.hasTurn && handOver == handOvers) {
                    if (giver != null) this.giver = null
                    return true
                }
            }
            Thread.yield()
        }
        return false
    }

    /** Has [borrower] run up to its next suspension, or to its end, while [lender], which is running now, waits. */
    fun lendTo(
        borrower: LoopStack,
        lender: LoopStack,
    ) {
        lenders.addLast(lender)
        surely {
            val hasLent = (lender.isWaiting || handOver(borrower, lender)) && (lender.awaitTurn() || takeBack(lender))
            if (!hasLent) lenders.removeLast()
        }?.let { throw it }
    }

    /**
     * Returns whether [next] has the loop now; if there is no thread for it, [me] still has it.
     *
     * Whatever is thrown out of this, [LoopStack.isWaiting] says whether it has happened.
     */
    private fun handOver(
        next: LoopStack,
        me: LoopStack,
    ): Boolean {
        if (!next.isStarted && !start(next)) return false
        val nextThread = next.thread
        giver = if (me.mayNotFallAsleep) me else null
        handOvers++
        wasLender = !lenders.isEmpty() && lenders.last() === next
        if (wasLender) lenders.removeLast()
        if (this.next === next) this.next = null
        holder = next
        thread = nextThread
        me.isWaiting = true
        next.hasTurn = true // From here on all is the other stack's.
        surely { next.wake() }
        return true
    }

    /** If there is no thread for [next], it was not granted anything. */
    private fun start(next: LoopStack): Boolean =
        try {
            next.start()
            true
        } catch (e: Throwable) {
            if (this.next === next) this.next = null
            surely { next.cannotStart(e) }
            false
        }

    /** The calling thread is that of the stack which holds the loop; said once by each thread. */
    fun takeThread() {
        thread = Thread.currentThread()
        CurrentContext.take(loop.current)
    }

    fun leaveThread() = CurrentContext.leave()

    /** Has the calling thread hold the loop, while the holder so far, which is returned, waits for it in the middle of a step. */
    fun borrow(): Thread? = thread.also { takeThread() }

    /** Ends what [borrow] began, which returned [lender]. */
    fun giveBack(lender: Thread?) {
        leaveThread()
        thread = lender
    }
}
