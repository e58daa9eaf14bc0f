// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.Task
import dev.simul.createTask
import dev.simul.loop.EventLoop
import dev.simul.net.getaddrinfo
import io.grpc.EquivalentAddressGroup
import io.grpc.NameResolver
import io.grpc.NameResolverProvider
import io.grpc.Status
import io.grpc.StatusOr
import java.io.IOException
import java.net.InetSocketAddress
import java.net.SocketAddress
import java.net.URI

/** Has names, the targets `dns:///host:port` and `host:port`, looked up by [loop]. */
internal class LoopNameResolverProvider(
    private val loop: EventLoop,
) : NameResolverProvider() {
    override fun isAvailable() = true

    override fun priority() = DEFAULT_PRIORITY

    override fun getDefaultScheme() = SCHEME

    override fun getProducedSocketAddressTypes(): Collection<Class<out SocketAddress>> = listOf(InetSocketAddress::class.java)

    override fun newNameResolver(
        targetUri: URI,
        args: NameResolver.Args,
    ): NameResolver? {
        if (targetUri.scheme != SCHEME) return null
        val server = URI.create("//" + targetUri.path.removePrefix("/"))
        requireNotNull(server.host) { "$targetUri names no host: write dns:///host:port" }
        return LoopNameResolver(loop, server, args)
    }

    private companion object {
        const val SCHEME = "dns"
        const val DEFAULT_PRIORITY = 5
    }
}

private class LoopNameResolver(
    private val loop: EventLoop,
    private val server: URI,
    private val args: NameResolver.Args,
) : NameResolver() {
    private val inLoop = LoopExecutor(loop)
    private val port = if (server.port == -1) args.defaultPort else server.port
    private lateinit var listener: Listener2
    private var lookUp: Task<Unit>? = null

    override fun getServiceAuthority(): String = server.authority

    override fun start(listener: Listener2) {
        this.listener = listener
        refresh()
    }

    override fun refresh() =
        inLoop.execute {
            if (lookUp?.done() != false) lookUp = loop.createTask("address of ${server.authority}") { resolve() }
        }

    private suspend fun resolve() {
        val addresses =
            try {
                StatusOr.fromValue(loop.getaddrinfo(server.host.removeSurrounding("[", "]"), port).map { EquivalentAddressGroup(it) })
            } catch (e: IOException) {
                StatusOr.fromStatus(Status.UNAVAILABLE.withDescription("there is no address of ${server.host}").withCause(e))
            }
        args.synchronizationContext.execute {
            listener.onResult2(ResolutionResult.newBuilder().setAddressesOrError(addresses).build())
        }
    }

    override fun shutdown() = inLoop.execute { lookUp?.cancel() }

    override fun toString(): String = "<gRPC's name resolver on $loop>"
}
