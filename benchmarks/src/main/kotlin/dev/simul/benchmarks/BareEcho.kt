// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import java.io.IOException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SelectionKey
import java.nio.channels.Selector
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel

/** What one thread of the JVM can echo at most: a selector and a direct buffer, with nothing around them. */
internal class BareEcho(
    port: Int,
) {
    private val selector = Selector.open()
    private val buffer = ByteBuffer.allocateDirect(1 shl 18)
    private val listener =
        ServerSocketChannel.open().apply {
            bind(InetSocketAddress("127.0.0.1", port), 1024)
            configureBlocking(false)
            register(selector, SelectionKey.OP_ACCEPT)
        }

    fun serveForever(): Nothing {
        while (true) selector.select(::serve)
    }

    private fun serve(key: SelectionKey) {
        if (key.isAcceptable) return accept()
        val channel = key.channel() as SocketChannel
        try {
            if (!echo(channel)) channel.close()
        } catch (_: IOException) {
            channel.close()
        }
    }

    private fun accept() {
        val channel = listener.accept() ?: return
        channel.configureBlocking(false)
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true)
        channel.register(selector, SelectionKey.OP_READ)
    }

    private fun echo(channel: SocketChannel): Boolean {
        buffer.clear()
        if (channel.read(buffer) < 0) return false
        buffer.flip()
        while (buffer.hasRemaining()) channel.write(buffer)
        return true
    }
}
