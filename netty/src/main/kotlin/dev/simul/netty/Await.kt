// SPDX-License-Identifier: Apache-2.0
@file:JvmName("NettyFutures")

package dev.simul.netty

import dev.simul.Future
import dev.simul.FutureWrapper
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.wrapFuture
import io.netty.channel.ChannelFuture
import io.netty.util.concurrent.GenericFutureListener
import java.util.concurrent.CancellationException
import java.util.concurrent.CompletableFuture
import io.netty.util.concurrent.Future as NettyFuture

/**
 * Waits until [future] is done, without blocking, and returns its result.
 *
 * It is a function of its own, since Netty's futures have a member `await()`, which blocks the thread. In Java, `Asyncio.await(future)` does
 * the same.
 *
 * Cancelling the waiting task cancels [future], if that can still be cancelled: a connection attempt ends, while a write goes on. What a
 * future stands for may have happened just before the task is cancelled; so close a channel in a `finally`, by `future.channel()`.
 *
 * asyncio has no equivalent; compare `await asyncio.wrap_future(future)`.
 *
 * @throws dev.simul.exceptions.CancelledException if [future], or the waiting task, is cancelled.
 * @throws IllegalStateException outside a running loop.
 */
public suspend fun <V> await(future: NettyFuture<V>): V = followed(future, getRunningLoop()).await()

/** A future of [loop] that follows [future]; cancelling it cancels that, if it can still be cancelled. */
private fun <V> followed(
    future: NettyFuture<V>,
    loop: EventLoop,
): Future<V> = if (future.isOf(loop)) FollowingFuture(loop, future).also { it.follow() } else wrapFuture(handedOut(future), loop)

/** Whether it is [loop] that completes this, so that nothing outside of the loop is waited for. */
private fun NettyFuture<*>.isOf(loop: EventLoop): Boolean {
    val eventLoop =
        when {
            this is OfLoop -> eventLoop
            this is ChannelFuture && channel().isRegistered -> channel().eventLoop() as? SimulEventLoop
            else -> null
        }
    return eventLoop?.loop === loop
}

private class FollowingFuture<V>(
    loop: EventLoop,
    private val followed: NettyFuture<V>,
) : Future<V>(loop) {
    private val listener = GenericFutureListener<NettyFuture<V>> { if (loop.isInLoop) settle() else settleSoon() }

    fun follow() {
        if (followed.isDone) settle() else followed.addListener(listener)
    }

    /** Once the loop is closed, nobody waits any longer. */
    private fun settleSoon() {
        try {
            loop.callSoonThreadsafe(callback = ::settle)
        } catch (e: IllegalStateException) {
            if (!loop.isClosed) throw e
        }
    }

    private fun settle() {
        if (done()) return
        val cause = followed.cause()
        when {
            followed.isSuccess -> setResult(followed.now)
            cause is CancellationException -> super.cancel(cause.message)
            else -> setException(cause)
        }
    }

    override fun cancel(message: String?): Boolean {
        if (!super.cancel(message)) return false
        if (!followed.cancel(false)) followed.removeListener(listener)
        return true
    }

    override fun toString(): String = "<${super.toString()} of Netty's $followed>"
}

/** For a future that other threads complete. */
private fun <V> handedOut(future: NettyFuture<V>): CompletableFuture<V> {
    val handedOut = HandedOut(future)
    future.addListener(
        GenericFutureListener<NettyFuture<V>> {
            if (future.isSuccess) handedOut.complete(future.now) else handedOut.completeExceptionally(future.cause())
        },
    )
    return handedOut
}

private class HandedOut<V>(
    private val future: NettyFuture<V>,
) : CompletableFuture<V>() {
    override fun cancel(mayInterruptIfRunning: Boolean): Boolean {
        val isCancelled = super.cancel(mayInterruptIfRunning)
        if (isCancelled) future.cancel(mayInterruptIfRunning)
        return isCancelled
    }
}

/** Makes `wrapFuture`, and Java's `await`, follow Netty's futures without a thread that blocks on each; found as a service. */
internal class NettyFutureWrapper : FutureWrapper {
    @Suppress("UNCHECKED_CAST")
    override fun <T> wrap(
        future: java.util.concurrent.Future<T>,
        loop: EventLoop,
    ): Future<T>? = (future as? NettyFuture<T>)?.let { followed(it, loop) }
}
