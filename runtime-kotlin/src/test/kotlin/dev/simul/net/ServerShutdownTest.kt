// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.sleep
import dev.simul.toThread
import dev.simul.transports.RecordingProtocol
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours

private const val LOOPBACK = "127.0.0.1"

/** More than all buffers between two sockets of this machine hold. */
private const val MANY = 64 shl 20

/** How many bytes come until the end of the stream; null if the connection is reset. */
private fun SocketChannel.readAll(): Int? {
    val buffer = ByteBuffer.allocate(1 shl 16)
    var count = 0
    try {
        while (true) {
            val read = read(buffer.clear())
            if (read < 0) return count
            count += read
        }
    } catch (_: IOException) {
        return null
    }
}

class ServerShutdownTest :
    FunSpec({
        /** Runs [block] with a server that has a client, whose end of the connection is recorded. */
        fun withClient(block: suspend (Server, RecordingProtocol, SocketChannel) -> Unit) =
            onLoop { loop ->
                val protocol = RecordingProtocol()
                val server = loop.createServer(LOOPBACK, 0) { protocol }
                try {
                    SocketChannel.open(InetSocketAddress(LOOPBACK, server.port)).use { client ->
                        protocol.awaitEvents(1)
                        block(server, protocol, client)
                    }
                } finally {
                    server.close()
                }
            }

        test("without clients it is over at once, and nobody can connect") {
            onLoop { loop ->
                val server = loop.createServer(LOOPBACK, 0) { RecordingProtocol() }
                val port = server.port
                server.shutdown(1.hours)
                server.addresses.shouldBeEmpty()
                shouldThrow<ConnectException> { SocketChannel.open(InetSocketAddress(LOOPBACK, port)) }
                server.shutdown(1.hours)
            }
        }

        test("clients may finish within the grace, and it is over with the last of them") {
            withClient { server, protocol, client ->
                val ending = createTask { server.shutdown(1.hours) }
                sleep(Duration.ZERO)
                server.isServing shouldBe false
                client.write(ByteBuffer.wrap("bye".encodeToByteArray()))
                protocol.received { it == "bye" }
                ending.done() shouldBe false
                client.close()
                ending.await()
                protocol.events.shouldContainExactly("made", "data bye", "eof", "lost")
            }
        }

        test("connections that are open after the grace are closed in order") {
            withClient { server, protocol, client ->
                server.shutdown(Duration.ZERO, 1.hours)
                protocol.events.shouldContainExactly("made", "lost")
                toThread { client.readAll() } shouldBe 0
            }
        }

        test("what was written is sent before they are closed") {
            withClient { server, protocol, client ->
                protocol.transport.write(ByteArray(MANY))
                val ending = createTask { server.shutdown(Duration.ZERO, 1.hours) }
                toThread { client.readAll() } shouldBe MANY
                ending.await()
                protocol.events.last() shouldBe "lost"
            }
        }

        test("those that do not take what was written are aborted") {
            withClient { server, protocol, client ->
                protocol.transport.write(ByteArray(MANY))
                server.shutdown(Duration.ZERO, Duration.ZERO)
                protocol.events.last() shouldBe "lost"
                (toThread { client.readAll() } != MANY) shouldBe true
            }
        }

        test("cancelling it aborts them, and it ends when they are gone") {
            withClient { server, protocol, client ->
                protocol.transport.write(ByteArray(MANY))
                val ending = createTask { server.shutdown(1.hours) }
                sleep(Duration.ZERO)
                ending.cancel("no time")
                shouldThrow<CancelledException> { ending.await() }.message shouldBe "no time"
                protocol.events shouldContain "lost"
                server.waitClosed()
                (toThread { client.readAll() } != MANY) shouldBe true
            }
        }

        test("it ends the call that serves forever") {
            withClient { server, _, _ ->
                val serving = createTask { server.serveForever() }
                sleep(Duration.ZERO)
                server.shutdown(Duration.ZERO)
                shouldThrow<CancelledException> { serving.await() }
            }
        }
    })
