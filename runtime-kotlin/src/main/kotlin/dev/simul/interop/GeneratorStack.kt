// SPDX-License-Identifier: Apache-2.0
package dev.simul.interop

import dev.simul.FacadeApi
import dev.simul.exceptions.GeneratorExit
import dev.simul.generators.CallerIdentity
import dev.simul.generators.Generator
import dev.simul.generators.GeneratorScope
import dev.simul.generators.GeneratorState
import dev.simul.generators.StackThreads
import dev.simul.generators.contextManager
import dev.simul.generators.generator
import dev.simul.loop.Collected
import dev.simul.loop.EventLoop
import dev.simul.loop.ExceptionContext
import dev.simul.loop.logger
import dev.simul.loop.startingThread
import java.lang.ref.Cleaner
import java.lang.ref.Reference
import java.util.concurrent.Semaphore

/**
 * A generator body of plain code on a stack of its own, so that functions it calls may yield as well: Java uses it for [generator] and
 * [contextManager].
 *
 * The stack is a thread that runs only while the generator's caller waits for it, with the caller's context variables and running loop. It
 * exists from the first value to the end. A generator that is dropped before its end is closed: by the loop on which it ran last, or in the
 * body's own thread if there is none.
 *
 * The body must not refer to its own generator, which could otherwise not be collected.
 *
 * Source: calling a function that contains `yield`.
 */
@FacadeApi
public fun <Y, S, R> onOwnStack(body: (GeneratorStack<Y, S>) -> R): suspend GeneratorScope<Y, S>.() -> R =
    {
        val handle = StackHandle(GeneratorStack<Y, S>(body))
        var answer: Result<Any?> = Result.success(null)
        while (true) {
            val request = handle.resume(answer) ?: break
            answer =
                try {
                    Result.success(request())
                } catch (e: Throwable) {
                    Result.failure(e)
                }
        }
        @Suppress("UNCHECKED_CAST")
        handle.outcome() as R
    }

/** The scope in which a body on a stack of its own yields; see [onOwnStack]. */
@FacadeApi
public class GeneratorStack<Y, S> internal constructor(
    body: (GeneratorStack<Y, S>) -> Any?,
) {
    private var body: ((GeneratorStack<Y, S>) -> Any?)? = body
    private val callersTurn = Semaphore(0)
    private val bodysTurn = Semaphore(0)
    private var classLoader: ClassLoader? = null

    private var callerIdentity: CallerIdentity? = null
    private var request: (suspend GeneratorScope<Y, S>.() -> Any?)? = null
    private var answer: Result<Any?>? = null

    /** The outcome of the body. */
    internal var outcome: Result<Any?>? = null
        private set

    @Volatile
    private var state = GeneratorState.CREATED

    /** The loop on which the body ran last. */
    @Volatile
    private var loop: EventLoop? = null

    @Volatile
    private var abandoned = false

    // In the caller's thread.

    /** Runs the body until it makes a request, which is returned, or ends. */
    internal fun resume(answer: Result<Any?>): (suspend GeneratorScope<Y, S>.() -> Any?)? {
        val callerIdentity = CallerIdentity()
        this.callerIdentity = callerIdentity
        loop = callerIdentity.loop
        this.answer = answer
        handOver()
        callersTurn.acquireUninterruptibly()
        return request.also { request = null }
    }

    private fun handOver() {
        val begins = state == GeneratorState.CREATED
        state = GeneratorState.RUNNING
        if (begins) {
            classLoader = Thread.currentThread().contextClassLoader
            try {
                startingThread { StackThreads.execute { run() } }
            } catch (e: Throwable) {
                state = GeneratorState.CREATED // There is no thread for it now; there may be one at the next request.
                throw e
            }
        } else {
            bodysTurn.release()
        }
    }

    /** The generator was dropped: no value will be requested again. Called by the collector's thread, which must not wait. */
    internal fun abandon() {
        if (state != GeneratorState.SUSPENDED) return
        abandoned = true
        val loop = loop
        if (loop == null || loop.isClosed) return endAlone()
        try {
            loop.callSoonThreadsafe { endIn(loop) }
        } catch (_: IllegalStateException) {
            endAlone() // The loop was closed just now.
        }
    }

    private fun endIn(loop: EventLoop) {
        resume(Result.failure(GeneratorExit()))
        unheard { loop.callExceptionHandler(ExceptionContext(IGNORED, it)) }
    }

    private fun endAlone() {
        callerIdentity = null
        answer = Result.failure(GeneratorExit())
        handOver()
    }

    private inline fun unheard(report: (Throwable) -> Unit) {
        val failure = outcome?.exceptionOrNull() ?: return
        if (failure !is GeneratorExit) report(failure)
    }

    // In the body's thread.

    private fun run() {
        val body = body!!
        this.body = null
        Thread.currentThread().contextClassLoader = classLoader
        callerIdentity?.takeOver()
        val outcome = runCatching { body(this) }
        Thread.interrupted()
        this.outcome = outcome
        val wasAlone = callerIdentity == null
        endTurn(GeneratorState.CLOSED)
        if (wasAlone) unheard { logger.error(IGNORED, it) }
    }

    private fun endTurn(state: GeneratorState) {
        callerIdentity?.giveBack()
        callerIdentity = null
        this.state = state
        callersTurn.release()
    }

    private fun ask(request: suspend GeneratorScope<Y, S>.() -> Any?): Any? {
        if (abandoned) throw GeneratorExit()
        this.request = request
        endTurn(GeneratorState.SUSPENDED)
        bodysTurn.acquireUninterruptibly()
        callerIdentity?.takeOver()
        return answer!!.also { answer = null }.getOrThrow()
    }

    /** As [GeneratorScope.yield]. */
    @Suppress("UNCHECKED_CAST")
    public fun yield(value: Y): S? = ask { yield(value) } as S?

    /** As [GeneratorScope.yieldFrom]. */
    @Suppress("UNCHECKED_CAST")
    public fun <R> yieldFrom(generator: Generator<Y, S, R>): R = ask { yieldFrom(generator) } as R

    /** As [GeneratorScope.yieldFrom]. */
    public fun yieldFrom(iterator: Iterator<Y>): Any? = ask { yieldFrom(iterator) }

    private companion object {
        const val IGNORED = "Exception ignored in a generator that was dropped before its end"
    }
}

/** A coroutine's reference to a stack. The stack's thread does not hold it, so it is collected when the coroutine is. */
private class StackHandle<Y, S>(
    private val stack: GeneratorStack<Y, S>,
) {
    private var cleanable: Cleaner.Cleanable? = null

    fun resume(answer: Result<Any?>): (suspend GeneratorScope<Y, S>.() -> Any?)? {
        if (cleanable == null) cleanable = Collected.then(this, AbandonStack(stack))
        try {
            return stack.resume(answer)
        } finally {
            Reference.reachabilityFence(this)
        }
    }

    /** Returns the body's result, or throws its failure. */
    fun outcome(): Any? {
        cleanable?.clean()
        return stack.outcome!!.getOrThrow()
    }
}

private class AbandonStack(
    private val stack: GeneratorStack<*, *>,
) : Runnable {
    override fun run() = stack.abandon()
}
