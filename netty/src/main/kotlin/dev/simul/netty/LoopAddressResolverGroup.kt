// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.createTask
import dev.simul.net.getaddrinfo
import io.netty.resolver.AbstractAddressResolver
import io.netty.resolver.AddressResolver
import io.netty.resolver.AddressResolverGroup
import io.netty.util.concurrent.EventExecutor
import io.netty.util.concurrent.Promise
import java.net.InetSocketAddress

/**
 * Looks up names for channels on a loop by the loop's [resolver][dev.simul.net.resolver], which does not block it, as Netty's own default
 * does.
 *
 * ```
 * Bootstrap().group(eventLoopGroup()).resolver(LoopAddressResolverGroup)
 * ```
 *
 * It serves the event loops of [eventLoopGroup] alone; for others, asking it for a resolver throws an [IllegalStateException]. asyncio has
 * no equivalent: there the loop's `getaddrinfo` is what transports use.
 */
public object LoopAddressResolverGroup : AddressResolverGroup<InetSocketAddress>() {
    override fun newResolver(executor: EventExecutor): AddressResolver<InetSocketAddress> {
        require(executor is SimulEventLoop) { "$executor is on no loop of Simul's: give its channels another resolver" }
        return LoopAddressResolver(executor)
    }
}

private class LoopAddressResolver(
    private val eventLoop: SimulEventLoop,
) : AbstractAddressResolver<InetSocketAddress>(eventLoop, InetSocketAddress::class.java) {
    override fun doIsResolved(address: InetSocketAddress): Boolean = !address.isUnresolved

    override fun doResolve(
        unresolved: InetSocketAddress,
        promise: Promise<InetSocketAddress>,
    ) = resolve(unresolved, promise) { it.first() }

    override fun doResolveAll(
        unresolved: InetSocketAddress,
        promise: Promise<List<InetSocketAddress>>,
    ) = resolve(unresolved, promise) { it }

    private fun <T> resolve(
        unresolved: InetSocketAddress,
        promise: Promise<T>,
        choose: (List<InetSocketAddress>) -> T,
    ) = eventLoop.runInLoop {
        val loop = eventLoop.loop
        val task = loop.createTask { choose(loop.getaddrinfo(unresolved.hostString, unresolved.port)) }
        promise.addListener { if (it.isCancelled) task.cancel() }
        task.addDoneCallback {
            when {
                task.cancelled() -> promise.cancel(false)
                else -> task.exception()?.let(promise::tryFailure) ?: promise.trySuccess(task.result())
            }
        }
    }
}
