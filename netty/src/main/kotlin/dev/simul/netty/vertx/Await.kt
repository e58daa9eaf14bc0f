// SPDX-License-Identifier: Apache-2.0
@file:JvmMultifileClass
@file:JvmName("VertxOnLoop")

package dev.simul.netty.vertx

import dev.simul.FacadeApi
import dev.simul.Future
import dev.simul.interop.awaitInBody
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.netty.SimulEventLoop
import dev.simul.wrapFuture
import io.vertx.core.AsyncResult
import io.vertx.core.Handler
import io.vertx.core.internal.FutureInternal
import io.vertx.core.Future as VertxFuture

/**
 * Waits until [future] is done, without blocking, and returns its result or throws its failure.
 *
 * It is a function of its own, since Vert.x's futures have a member `await()`, which is for its virtual threads. In Java,
 * `VertxOnLoop.await(future)` does the same.
 *
 * Cancelling the waiting task ends the wait alone: a future of Vert.x cannot be cancelled, and what it stands for goes on. [useConnection]
 * and `await(query, connection)` take care of connections and queries.
 *
 * asyncio has no equivalent; compare `await asyncio.wrap_future(future)`.
 *
 * @throws dev.simul.exceptions.CancelledException if the waiting task is cancelled.
 * @throws IllegalStateException outside a running loop.
 */
@JvmSynthetic
public suspend fun <T> await(future: VertxFuture<T>): T = follow(future, getRunningLoop()).await()

/** [await] for bodies in Java. */
@FacadeApi
@JvmName("await")
public fun <T> awaitFutureInBody(future: VertxFuture<T>): T = awaitInBody(follow(future, getRunningLoop()))

/** A future of [loop] that follows [future]. */
internal fun <T> follow(
    future: VertxFuture<T>,
    loop: EventLoop,
): Future<T> =
    if (future.isComplete || future.isOf(loop)) FollowingFuture(loop, future).also { it.follow() } else wrapFuture(future.toCompletionStage(), loop)

/** Whether it is [loop] that completes this, so that nothing outside of the loop is waited for. */
private fun VertxFuture<*>.isOf(loop: EventLoop): Boolean =
    ((this as? FutureInternal<*>)?.context()?.nettyEventLoop() as? SimulEventLoop)?.loop === loop

private class FollowingFuture<T>(
    loop: EventLoop,
    private val followed: VertxFuture<T>,
) : Future<T>(loop),
    Handler<AsyncResult<T>> {
    fun follow() {
        if (followed.isComplete) handle(followed) else followed.onComplete(this)
    }

    override fun handle(result: AsyncResult<T>) {
        if (loop.isInLoop) settle(result) else settleSoon(result)
    }

    /** Once the loop is closed, nobody waits any longer. */
    private fun settleSoon(result: AsyncResult<T>) {
        try {
            loop.callSoonThreadsafe { settle(result) }
        } catch (e: IllegalStateException) {
            if (!loop.isClosed) throw e
        }
    }

    private fun settle(result: AsyncResult<T>) {
        if (done()) return
        if (result.succeeded()) setResult(result.result()) else setException(result.cause())
    }

    override fun toString(): String = "<${super.toString()} of Vert.x's $followed>"
}
