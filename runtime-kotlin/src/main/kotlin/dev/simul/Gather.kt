// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getEventLoop
import dev.simul.loop.getRunningLoopOrNull
import java.util.IdentityHashMap

/**
 * Runs the awaitables concurrently; the future's result is the list of their results, in the order of the arguments.
 *
 * The first failure or cancellation of an awaitable fails the future at once; the others keep running, and their later failures are
 * dropped. Cancelling the future cancels the awaitables that are not done, and it fails with a [CancelledException] when the first of them
 * has ended that way. An awaitable given twice runs once.
 *
 * Source: `asyncio.gather(*aws)`.
 *
 * @throws IllegalArgumentException if futures belong to different loops.
 */
public fun <T> gather(vararg awaitables: Awaitable<T>): Future<List<T>> = gather(awaitables.asList())

/** Runs the coroutines concurrently, each as a task; see the other [gather]. */
public fun <T> gather(vararg coroutines: suspend () -> T): Future<List<T>> = gather(coroutines.map { Coroutine(it) })

/** As [gather] of single arguments. */
public fun <T> gather(awaitables: List<Awaitable<T>>): Future<List<T>> = gather(awaitables, stopAtFailure = true) { it.result() }

/**
 * As [gather], but failures and cancellations are results: the future fails only if it is cancelled itself, once all awaitables have ended.
 *
 * Source: `asyncio.gather(*aws, return_exceptions=True)`.
 */
public fun <T> gatherResults(awaitables: List<Awaitable<T>>): Future<List<Result<T>>> =
    gather(awaitables, stopAtFailure = false) { child ->
        when {
            child.cancelled() -> Result.failure(CancelledException(child.cancelMessage ?: ""))
            else -> child.exception()?.let { Result.failure(it) } ?: Result.success(child.result())
        }
    }

/** As [gatherResults], but [collect] makes each result from the future, which is done and counts as retrieved. */
internal fun <T, R> gatherDone(
    awaitables: List<Awaitable<T>>,
    collect: (Future<T>) -> R,
): Future<List<R>> =
    gather(awaitables, stopAtFailure = false) { child ->
        child.markRetrieved()
        collect(child)
    }

/** As [gatherResults] of a list. */
public fun <T> gatherResults(vararg awaitables: Awaitable<T>): Future<List<Result<T>>> = gatherResults(awaitables.asList())

/** As [gatherResults] of a list; each coroutine runs as a task. */
public fun <T> gatherResults(vararg coroutines: suspend () -> T): Future<List<Result<T>>> = gatherResults(coroutines.map { Coroutine(it) })

private fun <T, R> gather(
    awaitables: List<Awaitable<T>>,
    stopAtFailure: Boolean,
    collect: (Future<T>) -> R,
): Future<List<R>> {
    if (awaitables.isEmpty()) return Future<List<R>>(getEventLoop()).also { it.complete(emptyList()) }
    val loop = getRunningLoopOrNull()
    // A coroutine that is given twice runs once. Most awaitables are futures, possibly many, so no table is made for these.
    val tasks = IdentityHashMap<Awaitable<T>, Future<T>>()
    val doneAlready = ArrayList<Future<T>>()
    var outer: GatheringFuture<T, R>? = null
    for (awaitable in awaitables) {
        val child =
            try {
                tasks[awaitable] ?: ensureFuture(awaitable, outer?.loop ?: loop)
            } catch (e: Throwable) {
                outer?.becomeCancelled("gather was given what it cannot run") // the ones before it keep running, unattended
                throw e
            }
        val gathering = outer ?: GatheringFuture(child.loop, awaitables.size, stopAtFailure, collect).also { outer = it }
        gathering.children += child
        if (child !== awaitable) tasks[awaitable] = child
        if (child.done()) doneAlready += child else child.addCallback(gathering)
    }
    // If all are done already, eager tasks for instance, the last of them completes the future here and now.
    return outer!!.also { doneAlready.forEach(it::childDone) }
}

private class GatheringFuture<T, R>(
    loop: EventLoop,
    size: Int,
    private val stopAtFailure: Boolean,
    private val collect: (Future<T>) -> R,
) : Future<List<R>>(loop),
    DoneCallback {
    val children = ArrayList<Future<T>>(size)
    private var left = size
    private var cancelRequested = false

    override fun cancel(message: String?): Boolean {
        if (done()) return false
        var cancelled = false
        for (child in children) if (child.cancel(message)) cancelled = true
        if (cancelled) cancelRequested = true
        return cancelled
    }

    @Suppress("UNCHECKED_CAST")
    override fun schedule(future: Future<*>) = loop.enqueue { loop.current.runDetached { childDone(future as Future<T>) } }

    override fun onBehalfOf(): List<Future<*>> = listOf(this)

    fun childDone(child: Future<T>) {
        left--
        if (done()) {
            child.markRetrieved()
            return
        }
        val failure = if (stopAtFailure) child.failureOrNull() else null
        when {
            failure != null -> fail(failure)
            left > 0 -> {}
            cancelRequested -> fail(cancellation(children.last()))
            else -> complete(children.map(collect))
        }
    }

    /** The cancellation of the gathering; its message is the last child's, even if that child refused the cancellation. */
    private fun cancellation(last: Future<T>): CancelledException {
        children.forEach { it.markRetrieved() }
        return if (last.cancelled()) last.takeCancelledException() else CancelledException((last as? Task<T>)?.step?.cancelMessage)
    }

    override fun describeKind(): String = "gather"

    override val waitKind: String get() = "gather"

    override fun describeWait(): String = "gather of ${describePending(children)}"
}
