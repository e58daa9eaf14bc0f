package dev.simul.bodies

import dev.simul.Awaitable
import dev.simul.GeneratorExit
import dev.simul.TaskRegistry
import dev.simul.TaskStep
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.LoopLocal
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.loop.setEventLoop
import java.util.concurrent.Callable
import java.util.concurrent.Semaphore

/**
 * Plain code on a thread of its own that is part of a coroutine.
 *
 * Two threads take turns, and exactly one of them runs at any time: the coroutine's, which lends the loop and waits until
 * the body ends or wants something awaited; and the body's, which waits while the coroutine awaits that. The semaphores hand
 * over the turn, and with it all that was written before.
 */
internal class Body<T>(
    private val callable: Callable<T>,
    private val loop: EventLoop,
) : Runnable {
    private val coroutinesTurn = Semaphore(0)
    private val bodysTurn = Semaphore(0)

    /** The task that the body's present turn is a part of. */
    private var step: TaskStep<*>? = null
    private var lender: Thread? = null
    private var classLoader: ClassLoader? = null

    private var awaited: Awaitable<*>? = null
    private var outcomeOfAwait: Result<Any?>? = null
    private var outcome: Result<T>? = null
    private var abandoned = false

    /** The call that was made last, if it has not begun. */
    private var pending: Call<*>? = null

    // In the coroutine's thread.

    /** Runs the body to its end: what it awaits is awaited here. */
    suspend fun drive(): T {
        classLoader = Thread.currentThread().contextClassLoader
        step = TaskRegistry[loop].current
        BodyThreads.execute(this)
        coroutinesTurn.acquireUninterruptibly()
        if (outcome == null) {
            waiting[loop].add(this)
            awaitForBody()
            waiting[loop].remove(this)
        }
        return outcome!!.getOrThrow()
    }

    private suspend fun awaitForBody() {
        while (outcome == null) {
            val awaitable = awaited!!
            awaited = null
            outcomeOfAwait = runCatching { awaitable.await() }
            if (abandoned) return
            step = TaskRegistry[loop].current
            handOver()
        }
    }

    private fun handOver() {
        bodysTurn.release()
        coroutinesTurn.acquireUninterruptibly()
    }

    /** The loop was closed, and will never end what the body awaits. */
    private fun abandon() {
        abandoned = true
        outcomeOfAwait = Result.failure(GeneratorExit())
        handOver()
        val failure = outcome!!.exceptionOrNull() ?: return
        if (failure is GeneratorExit) return
        loop.callExceptionHandler(
            ExceptionContext("Exception in a body that was ended because its loop has closed", failure),
        )
    }

    // In the body's thread.

    override fun run() {
        Thread.currentThread().contextClassLoader = classLoader
        bodyOfThread.set(this)
        beginTurn()
        val outcome = runCatching { runHere(callable) }
        endTurn()
        bodyOfThread.remove()
        setEventLoop(null)
        Thread.interrupted()
        this.outcome = outcome
        coroutinesTurn.release()
    }

    /** Runs [callable] on the body's stack; the last call it made begins at the latest when it ends. */
    fun <R> runHere(callable: Callable<R>): R =
        try {
            callable.call()
        } finally {
            startPending()
        }

    fun <R> await(awaitable: Awaitable<R>): R {
        if (abandoned) throw GeneratorExit()
        awaited = awaitable
        endTurn()
        coroutinesTurn.release()
        bodysTurn.acquireUninterruptibly()
        beginTurn()
        @Suppress("UNCHECKED_CAST")
        return outcomeOfAwait!!.getOrThrow() as R
    }

    private fun beginTurn() {
        if (!abandoned) lender = loop.borrow()
    }

    private fun endTurn() {
        if (!abandoned) loop.giveBack(lender)
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
        if (!abandoned) call.start()
    }

    /** Whether [call] is the pending one, which it is no longer after this. */
    fun takePending(call: Call<*>): Boolean {
        if (pending !== call) return false
        pending = null
        return true
    }

    private val isCurrent: Boolean get() = abandoned || TaskRegistry[loop].current === step

    companion object {
        private val bodyOfThread = ThreadLocal<Body<*>?>()

        /** The bodies of a loop that have begun and not ended. */
        private val waiting =
            LoopLocal<MutableSet<Body<*>>>(
                onClose = { _, bodies -> bodies.toList().forEach { it.abandon() } },
                initial = { LinkedHashSet() },
            )

        /** The body that is calling; null also in another task, which it starts eagerly. */
        fun currentOrNull(): Body<*>? = bodyOfThread.get()?.takeIf { it.isCurrent }

        fun current(): Body<*> = currentOrNull() ?: throw IllegalStateException(whyNoBody())

        fun whyNoBody(): String =
            if (getRunningLoopOrNull() != null) {
                "the loop's own thread cannot wait, all tasks would: do this in a body, that is in a Callable given to run or createTask"
            } else {
                "thread '${Thread.currentThread().name}' runs no body: " +
                    "do this inside run, in the Callable given to it or to createTask"
            }
    }
}
