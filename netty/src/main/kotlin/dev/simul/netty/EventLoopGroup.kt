// SPDX-License-Identifier: Apache-2.0
@file:JvmName("NettyOnLoop")

package dev.simul.netty

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import io.netty.channel.IoEventLoopGroup
import java.util.concurrent.ConcurrentHashMap

private val groups = ConcurrentHashMap<EventLoop, SimulEventLoop>()

/**
 * Netty's side of the loop that is running in this thread, see [EventLoop.eventLoopGroup].
 *
 * @throws IllegalStateException outside a running loop.
 */
public fun eventLoopGroup(): IoEventLoopGroup = getRunningLoop().eventLoopGroup()

/**
 * Netty's side of this loop: a group for NIO channels with one event loop, which is this loop. Channels are watched by the loop's own
 * selector, tasks are callbacks of it, and timers go by its clock; so handlers, listeners and tasks take turns, and nothing crosses threads.
 *
 * There is one for each loop, made when it is first asked for. Its `shutdownGracefully` closes the channels and ends Netty's side only, and
 * the next call makes another one. When the loop closes, Netty's side ends at once: channels that are still open are closed and reported to
 * the loop's exception handler.
 *
 * Exceptions thrown by tasks go to the loop's exception handler; those of scheduled and submitted tasks fail their futures. Netty's ways of
 * blocking (`sync()`, `get()` and its own `await()`) throw a `BlockingOperationException` in the loop's thread; [await] waits there.
 *
 * asyncio has no equivalent.
 *
 * @throws IllegalStateException if the loop is closed; or if there is no group yet, and another thread runs the loop.
 */
public fun EventLoop.eventLoopGroup(): IoEventLoopGroup {
    groups[this]?.let { if (!it.isShuttingDown) return it }
    check(isInLoop || !isRunning) { "$this is run by another thread: call eventLoopGroup() in a task of it first" }
    return SimulEventLoop(this, whenTerminated = { groups.remove(this, it) }).also { groups[this] = it }
}
