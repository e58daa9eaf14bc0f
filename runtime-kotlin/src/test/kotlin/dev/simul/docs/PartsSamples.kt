// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.loop.EventLoop
import dev.simul.loop.addCloseCallback
import dev.simul.loop.register
import dev.simul.net.Resolver
import dev.simul.net.resolver
import dev.simul.runLoop
import dev.simul.testing.VirtualClock
import java.io.ByteArrayOutputStream
import java.net.InetAddress
import java.net.UnknownHostException
import java.nio.ByteBuffer
import java.nio.channels.SelectionKey.OP_READ
import java.nio.channels.SocketChannel
import java.nio.channels.spi.SelectorProvider
import kotlin.random.Random

// The blocks of the guide to the parts of a loop; PartsSamplesTest runs them, DocsTest compares.

private val hosts = mapOf("db.test" to InetAddress.getByName("127.0.0.1"))

fun <T> runOnPartsOfMyOwn(
    provider: SelectorProvider,
    main: suspend () -> T,
): T =
    runLoop(loopFactory = {
        VirtualClock(selectorProvider = provider).newLoop().apply {
            resolver = Resolver { host -> listOf(hosts[host] ?: throw UnknownHostException(host)) }
            random = Random(42)
        }
    }, main = main)

/** All that comes by a [channel], on a [loop]. */
class Drain(
    private val loop: EventLoop,
    private val channel: SocketChannel,
) : AutoCloseable {
    val received = ByteArrayOutputStream()
    private val buffer = ByteBuffer.allocate(1024)
    private val registration = loop.register(channel, OP_READ) { read() }
    private val closing = loop.addCloseCallback { channel.close() }

    private fun read() {
        val count = channel.read(buffer.clear())
        if (count < 0) return end()
        received.write(buffer.array(), 0, count)
    }

    private fun end() {
        closing.cancel()
        registration.close()
        channel.close()
    }

    /** Any thread may call it. */
    override fun close() {
        if (loop.isInLoop) end() else loop.callSoonThreadsafe { end() }
    }
}
