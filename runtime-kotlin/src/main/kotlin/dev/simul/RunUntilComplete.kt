// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.loop.EventLoop
import dev.simul.loop.isFatal

/**
 * Runs the loop until [awaitable] is done, and returns its result; other tasks get one more turn after that.
 *
 * Source: `loop.run_until_complete(future)`.
 *
 * @throws IllegalStateException if the loop is closed or running, or was stopped before the result was available; the task then stays alive
 *   and may be run again.
 * @throws IllegalArgumentException if the future belongs to another loop.
 */
public fun <T> EventLoop.runUntilComplete(awaitable: Awaitable<T>): T {
    checkRunnable()
    val future = ensureFuture(awaitable, this)
    val stopLoop = { done: Future<T> ->
        // A fatal error has left the loop already: stop() would only cut the next run short.
        if (done.cancelled() || done.exception()?.isFatal != true) stop()
    }
    future.addDoneCallback(callback = stopLoop)
    try {
        runForever()
    } catch (e: Throwable) {
        if (future !== awaitable) future.markRetrieved()
        throw e
    } finally {
        future.removeDoneCallback(stopLoop)
    }
    check(future.done()) { "Event loop stopped before Future completed: $future" }
    try {
        return future.result()
    } catch (e: Throwable) {
        Traces.leavesLoop(e)
        throw e
    }
}

/** Runs the loop until [coroutine], as a task, has ended. */
public fun <T> EventLoop.runUntilComplete(coroutine: suspend () -> T): T {
    checkRunnable()
    return runUntilComplete(Coroutine(coroutine))
}
