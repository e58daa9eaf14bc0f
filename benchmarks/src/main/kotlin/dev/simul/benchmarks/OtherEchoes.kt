// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import io.ktor.network.selector.SelectorManager
import io.ktor.network.sockets.Socket
import io.ktor.network.sockets.aSocket
import io.ktor.network.sockets.openReadChannel
import io.ktor.network.sockets.openWriteChannel
import io.ktor.utils.io.readAvailable
import io.ktor.utils.io.writeFully
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import java.io.IOException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.util.concurrent.Executors

/** The bytes that a connection reads at once, where the server chooses. */
internal const val ECHO_BUFFER = 1 shl 17

/** A virtual thread for each connection, which reads and writes in a straight line. */
internal fun echoOnVirtualThreads(port: Int): Nothing {
    val listener = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", port), 1_024)
    while (true) {
        val channel = listener.accept()
        VirtualThreads.start { channel.use(::echo) }
    }
}

private fun echo(channel: SocketChannel) {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true)
    val buffer = ByteBuffer.allocateDirect(ECHO_BUFFER)
    try {
        while (channel.read(buffer) >= 0) {
            buffer.flip()
            while (buffer.hasRemaining()) channel.write(buffer)
            buffer.clear()
        }
    } catch (_: IOException) {
        // The load resets its connections at its end.
    }
}

/** Coroutines of kotlinx on one thread, with Ktor's sockets. */
internal fun echoByKtorNetwork(port: Int) {
    val dispatcher = Executors.newSingleThreadExecutor().asCoroutineDispatcher()
    runBlocking(dispatcher) {
        val server = aSocket(SelectorManager(dispatcher)).tcp().bind("127.0.0.1", port) { backlogSize = 1_024 }
        while (true) {
            val socket = server.accept()
            launch { socket.use { echo(it) } }
        }
    }
}

private suspend fun echo(socket: Socket) {
    val received = socket.openReadChannel()
    val sent = socket.openWriteChannel()
    val buffer = ByteArray(ECHO_BUFFER)
    try {
        while (true) {
            val count = received.readAvailable(buffer)
            if (count < 0) return
            sent.writeFully(buffer, 0, count)
            sent.flush()
        }
    } catch (_: IOException) {
        // The load resets its connections at its end.
    }
}
