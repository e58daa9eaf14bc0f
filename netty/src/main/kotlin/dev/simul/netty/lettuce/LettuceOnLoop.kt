// SPDX-License-Identifier: Apache-2.0
@file:JvmName("LettuceOnLoop")

package dev.simul.netty.lettuce

import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.netty.SimulEventLoop
import dev.simul.netty.eventLoopGroup
import io.lettuce.core.RedisClient
import io.lettuce.core.RedisURI
import io.lettuce.core.resource.ClientResources
import java.util.concurrent.ConcurrentHashMap
import java.util.function.Consumer

private val shared = ConcurrentHashMap<EventLoop, LoopClientResources>()

/**
 * What Lettuce's clients share on the loop that is running in this thread, see [EventLoop.clientResources].
 *
 * @throws IllegalStateException outside a running loop.
 */
public fun clientResources(): ClientResources = getRunningLoop().clientResources()

/**
 * What Lettuce's clients share on this loop, for any of them: `RedisClient.create(clientResources(), uri)`. Connections are channels of the
 * loop's [eventLoopGroup], listeners and reconnecting are callbacks of the loop, names are looked up by the loop's resolver, and timeouts go
 * by its clock. No thread is started. Commands that are sent in one turn of the loop leave in one write.
 *
 * There is one for each loop, made when it is first asked for; it ends with the loop. Its `shutdown()` ends it before, and the next call
 * makes another one.
 *
 * `connect()` and its siblings, which block, fail at once in the loop's thread: call `connectAsync(codec, uri)`, and await it. Those of a
 * [redisClient] refuse the rest that blocks, too. asyncio has no equivalent.
 *
 * @throws IllegalStateException if the loop is closed; or if another thread runs the loop, and there are no resources yet.
 */
public fun EventLoop.clientResources(): ClientResources {
    shared[this]?.let { if (it.isUsable) return it }
    return made(consolidateFlushes = true, {}, whenEnded = { shared.remove(this, it) }).also { shared[this] = it }
}

/**
 * As the other [clientResources], for resources of one's own on the running loop, see [EventLoop.clientResources].
 *
 * @throws IllegalStateException outside a running loop.
 */
@JvmOverloads
public fun clientResources(
    consolidateFlushes: Boolean = true,
    configure: Consumer<ClientResources.Builder>,
): ClientResources = getRunningLoop().clientResources(consolidateFlushes, configure)

/**
 * As the other [clientResources], but new ones at each call, with settings of one's own: a delay before reconnecting, metrics, tracing, a
 * customizer of channels. They end with the loop at the latest; call their `shutdown()` before, if they are not to last so long.
 *
 * @param consolidateFlushes whether commands that are sent in one turn of the loop leave in one write, at the end of that turn; if not, each
 *   is a write of its own, which takes a system call.
 * @param configure is called once, with a builder whose event loops, timer and resolver of names are the loop's.
 * @throws IllegalStateException if the loop is closed, or if another thread runs it.
 */
@JvmOverloads
public fun EventLoop.clientResources(
    consolidateFlushes: Boolean = true,
    configure: Consumer<ClientResources.Builder>,
): ClientResources = made(consolidateFlushes, configure, whenEnded = {})

/**
 * A client of Lettuce's on a loop, whose connections refuse all that would block it: in the loop's thread, `sync()`, `connect()`, and a
 * command's `get()` and `join()` throw a `BlockingOperationException` at once, which names the call to use. Other threads may block, if the loop
 * runs.
 *
 * It is as one that `RedisClient.create(resources, uri)` makes otherwise, with one more difference: a connection whose future was cancelled is
 * closed as soon as it is established. Shut it down by `shutdownAsync()`, which closes its connections. asyncio has no equivalent.
 *
 * @param resources what it shares with other clients, by one of the functions here; if not given, those of the running loop.
 * @throws IllegalArgumentException if [resources] are others.
 * @throws IllegalStateException if [resources] are not given, outside a running loop.
 */
@JvmOverloads
public fun redisClient(
    uri: RedisURI,
    resources: ClientResources = clientResources(),
): RedisClient {
    require(resources is LoopClientResources) { "$resources are on no loop of Simul's: take those of clientResources()" }
    return LoopRedisClient(resources, uri)
}

private fun EventLoop.made(
    consolidateFlushes: Boolean,
    configure: Consumer<ClientResources.Builder>,
    whenEnded: (LoopClientResources) -> Unit,
): LoopClientResources {
    check(isInLoop || !isRunning) { "$this is run by another thread: call clientResources() in a task of it first" }
    val timer = LoopTimeouts(eventLoopGroup() as SimulEventLoop)
    val builder = LoopClientResources.builder(timer)
    configure.accept(builder)
    return LoopClientResources(builder, timer, consolidateFlushes, whenEnded)
}
