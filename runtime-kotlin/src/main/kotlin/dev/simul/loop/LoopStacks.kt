// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.CurrentContext
import java.lang.invoke.VarHandle

/**
 * Which of its stacks holds [loop], which one gets it next, and how it moves between them.
 *
 * In a hand-over the holder gives up the loop until it is handed back: a *grant* by [schedule] names the stack whose turn comes when the
 * current step ends. A stack that must continue in the middle of its step *lends* the loop, until the borrower's step ends.
 */
internal class LoopStacks(
    private val loop: EventLoop,
) {
    /** The stack that holds the loop; null if the loop does not run. */
    var holder: LoopStack? = null
        private set

    /** The stack whose turn comes when the current step ends; null if the next callback decides. */
    var next: LoopStack? = null
        private set

    /** The stack of the thread that called [EventLoop.runForever] last. */
    var root: RootStack? = null
        private set

    /** The stacks that wait in the middle of a step for the end of another stack's step, the innermost last. */
    private val lenders = ArrayDeque<LoopStack>()

    /** Whether the last hand-over was to one of [lenders]. */
    private var wasLender = false

    /** The stack that made the last hand-over, and must sleep before that counts; null if it certainly does. */
    private var giver: LoopStack? = null

    /** How often the loop was handed over between stacks. */
    private var handOvers = 0

    /**
     * The thread that holds the loop; any thread may compare itself with it. A thread always sees its own writes, so this need not be
     * volatile, which would cost a switch one more fence.
     */
    var thread: Thread? = null
        private set

    /** Whether the calling thread holds the loop. */
    val isHeldHere: Boolean get() = thread === Thread.currentThread()

    /** Whether [someThread] holds the loop; another thread's answer is as old as its view of the memory. */
    fun isHeldBy(someThread: Thread): Boolean {
        if (someThread !== Thread.currentThread()) VarHandle.fullFence()
        return thread === someThread
    }

    /** The stack that holds the loop, if the calling thread is its own. */
    val own: LoopStack? get() = holder?.takeIf { it.thread === Thread.currentThread() }

    val isLent: Boolean get() = !lenders.isEmpty()

    /**
     * The stack whose turn it is when a step on another stack cannot continue there, or has ended and the loop was lent for that step only.
     */
    val below: LoopStack get() = if (lenders.isEmpty()) root!! else lenders.last()

    /** Starts the loop on [root], in the calling thread. */
    fun begin(root: RootStack) {
        this.root = root
        holder = root
        takeThread()
        RunningLoop.began(loop)
    }

    /** The loop stops: no stack holds it. */
    fun end() {
        leaveThread()
        holder = null
        thread = null
        RunningLoop.ended(loop)
    }

    /** The loop is closing: a stack that was granted a turn does not get it. */
    fun beginToClose() {
        next = null
    }

    /** The last body ended; its thread holds nothing. */
    fun endToClose() {
        thread = null
    }

    /** Grants the root's stack the turn, for work that only it can do. */
    fun scheduleRoot() {
        grant(root!!)
    }

    /** Resumes [next] when the current step ends, since its wait is over. */
    fun schedule(next: LoopStack) {
        if (this.next == null) grant(next) else loop.enqueue(Callback { if (!next.ignoresGrants) schedule(next) })
    }

    private fun grant(next: LoopStack) {
        loop.pause()
        this.next = next
    }

    /**
     * Runs the loop on [me], whose step has ended, until its turn comes again; meanwhile the loop may run on other stacks. Returns false if
     * the loop belongs to another stack and [me], which still has it, is too deep to wait.
     *
     * If an error comes out of it, the caller calls it again. Inlined, so that it leaves no frame on a stack that waits.
     */
    @Suppress("NOTHING_TO_INLINE")
    inline fun <S : LoopStack> runOn(me: S): Boolean = (!me.isWaiting && runUntilHandedOver(me)) || me.awaitTurn() || takeBack(me)

    /** Runs the loop on [me] until its turn comes again or another stack was handed the loop; returns whether it is the turn of [me]. */
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

    /** The stack that was handed the loop has not begun: [me] takes the loop back, but not the turn. Returns false. */
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

    /** Runs the loop on [me], which has ended, until another stack can take it. */
    fun runOnAndLeave(me: LoopStack) {
        if (me.isWaiting) return
        do {
            val next = loop.runUntilGranted(me)
        } while (!handOver(next, me))
    }

    /**
     * If a stack was granted the turn inside a step that continues afterwards, waits until that stack's step has ended. A thread that only
     * borrowed the loop cannot wait: the granted stack's turn then comes when the step has ended.
     */
    fun runGrantedNow() {
        val next = next ?: return
        val lender = holder!!
        if (lender.thread !== Thread.currentThread()) return
        lendTo(next, lender)
    }

    /** Waits until the stack that gave [me] the turn sleeps, and returns whether it does; if not, it has taken the turn back. */
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

    /** Runs [borrower] up to its next suspension or its end, while [lender], which is running now, waits. */
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
     * Returns whether [next] has the loop now; if it has no thread, [me] keeps the loop.
     *
     * If this throws, [LoopStack.isWaiting] tells whether the hand-over has happened.
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
        next.hasTurn = true // From here on everything belongs to the other stack.
        surely { next.wake() }
        return true
    }

    /** If [next] gets no thread, its grant is void. */
    private fun start(next: LoopStack): Boolean =
        try {
            next.start()
            true
        } catch (e: Throwable) {
            if (this.next === next) this.next = null
            surely { next.cannotStart(e) }
            false
        }

    /** Makes the calling thread the one that holds the loop; each thread calls it once. */
    fun takeThread() {
        thread = Thread.currentThread()
        CurrentContext.take(loop.current)
    }

    fun leaveThread() = CurrentContext.leave()

    /** Makes the calling thread hold the loop, while the previous holder, which is returned, waits for it in the middle of a step. */
    fun borrow(): Thread? = thread.also { takeThread() }

    /** Returns the loop to [lender], the result of [borrow]. */
    fun giveBack(lender: Thread?) {
        leaveThread()
        thread = lender
    }
}
