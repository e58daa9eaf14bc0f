// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.vertx

import dev.simul.netty.ConsolidatingSocketChannel
import dev.simul.netty.LoopAddressResolverGroup
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelOutboundHandlerAdapter
import io.netty.channel.ChannelPromise
import io.netty.handler.proxy.ProxyHandler
import java.net.InetSocketAddress
import java.net.SocketAddress

/**
 * A name and a port to connect to, which no resolver of Netty's knows, so that it comes to the channel as it is: Vert.x sets a resolver of
 * its own for every connection.
 */
internal class HostName(
    val address: InetSocketAddress,
) : SocketAddress() {
    override fun toString(): String = "${address.hostString}:${address.port}"
}

/** A channel that also connects to a [HostName]. */
internal class VertxSocketChannel : ConsolidatingSocketChannel() {
    init {
        pipeline().addLast(NameLookup())
    }
}

/** Looks up the name of the server to connect to by the loop's resolver, unless a proxy does. */
private class NameLookup : ChannelOutboundHandlerAdapter() {
    override fun connect(
        context: ChannelHandlerContext,
        remoteAddress: SocketAddress,
        localAddress: SocketAddress?,
        promise: ChannelPromise,
    ) {
        when {
            remoteAddress !is HostName -> context.connect(remoteAddress, localAddress, promise)
            context.pipeline().get(ProxyHandler::class.java) != null -> context.connect(remoteAddress.address, localAddress, promise)
            else -> lookUp(context, remoteAddress.address, localAddress, promise)
        }
    }

    private fun lookUp(
        context: ChannelHandlerContext,
        name: InetSocketAddress,
        localAddress: SocketAddress?,
        promise: ChannelPromise,
    ) {
        val lookUp = LoopAddressResolverGroup.getResolver(context.channel().eventLoop()).resolve(name)
        promise.addListener { if (it.isCancelled) lookUp.cancel(false) }
        lookUp.addListener {
            if (lookUp.isSuccess) context.connect(lookUp.now, localAddress, promise) else promise.tryFailure(lookUp.cause())
        }
    }
}
