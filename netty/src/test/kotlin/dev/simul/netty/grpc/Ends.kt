// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.allTasks
import dev.simul.loop.EventLoop
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.netty.until
import dev.simul.toThread
import io.grpc.ManagedChannel
import io.grpc.Server
import io.grpc.ServerServiceDefinition
import io.grpc.netty.NettyChannelBuilder
import io.grpc.netty.NettyServerBuilder
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import java.net.InetAddress
import java.net.InetSocketAddress

/** Who has which end of the connection: the loop, or Netty's own threads with gRPC's own executor. */
internal enum class Ends(
    private val isServerOnLoop: Boolean,
    private val isChannelOnLoop: Boolean,
) {
    ON_THE_LOOP(true, true),
    CHANNEL_OF_OTHERS(true, false),
    SERVER_OF_OTHERS(false, true),
    ;

    private val loopback = InetSocketAddress(InetAddress.getLoopbackAddress(), 0)

    suspend fun start(service: ServerServiceDefinition): Server {
        val builder = NettyServerBuilder.forAddress(loopback).addService(service)
        return if (isServerOnLoop) builder.start() else toThread { builder.build().start() }
    }

    fun channel(server: Server): ManagedChannel {
        val builder = NettyChannelBuilder.forAddress("127.0.0.1", server.port).usePlaintext()
        return if (isChannelOnLoop) builder.onLoop().build() else builder.build()
    }

    suspend fun serving(
        service: ServerServiceDefinition,
        block: suspend (ManagedChannel) -> Unit,
    ) {
        val server = start(service)
        try {
            val channel = channel(server)
            try {
                block(channel)
            } finally {
                channel.close()
            }
        } finally {
            server.stop()
        }
    }
}

/** As [onLoop]; and nothing may be left, nor reported. */
internal fun onCleanLoop(body: suspend EventLoop.() -> Unit) =
    onLoop {
        val reports = recordReports()
        val before = allTasks()
        body()
        until { (allTasks() - before).isEmpty() }
        reports.shouldBeEmpty()
    }

/** The tests for each pair of ends. */
internal fun FunSpec.withEnds(tests: suspend FunSpecContainerScope.(Ends) -> Unit) =
    Ends.entries.forEach { ends -> context(ends.name) { tests(ends) } }
