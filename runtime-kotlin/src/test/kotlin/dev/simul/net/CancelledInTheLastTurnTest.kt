// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.process.DEVNULL
import dev.simul.process.PIPE
import dev.simul.process.SubprocessProtocol
import dev.simul.process.createSubprocessExec
import dev.simul.process.createSubprocessShell
import dev.simul.process.subprocessExec
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.openUnixConnection
import dev.simul.streams.startServer
import dev.simul.streams.startUnixServer
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import dev.simul.tls.startTls
import dev.simul.transports.BaseTransport
import dev.simul.transports.DatagramProtocol
import dev.simul.transports.RecordingProtocol
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.comparables.shouldBeLessThanOrEqualTo
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.net.InetSocketAddress
import java.nio.channels.Channels
import java.nio.channels.DatagramChannel
import java.nio.channels.Pipe
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import kotlin.io.path.exists
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

/** Whatever makes something of the system's leaves nothing of it when it is cancelled, in whichever turn that is. */
class CancelledInTheLastTurnTest :
    FunSpec({
        val host = "127.0.0.1"

        /** Sees that [operation], cancelled after each number of turns until it has its result, which [close] closes, leaves nothing. */
        fun <T> testCancelled(
            name: String,
            close: suspend (T) -> Unit,
            operation: suspend EventLoop.() -> T,
        ) = test(name) {
            onSockets {
                cancelledInEachTurn(close, operation) // what is made once for all
                leavingNothing { cancelledInEachTurn(close, operation) shouldBeGreaterThan 0 }
            }
        }

        val closeServer: suspend (Server) -> Unit = { it.aclose() }
        val closeTransport: suspend (Connection<BaseTransport, *>) -> Unit = { it.transport.close() }

        suspend fun answer(
            reader: StreamReader,
            writer: StreamWriter,
        ) = writer.use { reader.read() }

        suspend fun <R> EventLoop.connected(
            options: ServerOptions = ServerOptions(),
            block: suspend (Server) -> R,
        ) = startServer(host, 0, options = options, clientConnected = ::answer).use { block(it) }

        // Servers.

        testCancelled("createServer", closeServer) { createServer(host, 0) { RecordingProtocol() } }

        testCancelled("createServer at several addresses", closeServer) {
            resolving("several" to listOf("127.0.0.1", "127.0.0.2"), "other" to listOf("127.0.0.3"))
            createServer(listOf("several", "other"), 0) { RecordingProtocol() }
        }

        testCancelled("createServer of a channel", closeServer) {
            createServer(ServerSocketChannel.open().bind(InetSocketAddress(host, 0))) { RecordingProtocol() }
        }

        testCancelled("startServer", closeServer) { startServer(host, 0, clientConnected = ::answer) }

        testCancelled("createUnixServer", closeServer) { createUnixServer(tempdir().toPath().resolve("socket")) { RecordingProtocol() } }

        testCancelled("startUnixServer", closeServer) { startUnixServer(tempdir().toPath().resolve("socket"), clientConnected = ::answer) }

        test("a Unix server that was cancelled in its last turn takes its socket from the file system") {
            onSockets {
                val path = tempdir().toPath().resolve("socket")
                cancelledInEachTurn(closeServer) { createUnixServer(path) { RecordingProtocol() } }
                path.exists() shouldBe false
            }
        }

        // Connections.

        test("connections leave nothing on either side") {
            onSockets {
                val ssl = ServerOptions(ssl = serverContext(), sslHandshakeTimeout = 1.seconds)
                connected { plain ->
                    connected(ssl) { tls ->
                        val quick = ConnectionOptions(happyEyeballsDelay = 1.milliseconds)
                        val safe = ConnectionOptions(ssl = clientContext())
                        leavingNothing {
                            cancelledInEachTurn(closeTransport) { createConnection(host, plain.port) { RecordingProtocol() } }
                            cancelledInEachTurn(closeTransport) { createConnection("localhost", plain.port, quick) { RecordingProtocol() } }
                            cancelledInEachTurn({ it.writer.aclose() }) { openConnection(host, plain.port) }
                            cancelledInEachTurn(closeTransport) {
                                createConnection(SocketChannel.open(plain.addresses.single())) { RecordingProtocol() }
                            }
                            cancelledInEachTurn({ it.writer.aclose() }) { openConnection("localhost", tls.port, options = safe) }
                        }
                    }
                }
            }
        }

        test("Unix connections leave nothing on either side") {
            onSockets {
                val path = tempdir().toPath().resolve("socket")
                startUnixServer(path, clientConnected = ::answer).use {
                    leavingNothing {
                        cancelledInEachTurn(closeTransport) { createUnixConnection(path) { RecordingProtocol() } }
                        cancelledInEachTurn({ it.writer.aclose() }) { openUnixConnection(path) }
                    }
                }
            }
        }

        test("startTls leaves nothing on either side") {
            onSockets {
                val server =
                    startServer(host, 0) { _, writer -> writer.startTls(serverContext(), sslHandshakeTimeout = 1.seconds) }
                server.use {
                    leavingNothing {
                        cancelledInEachTurn({ it.close() }) {
                            val (_, writer) = openConnection(host, server.port)
                            writer.startTls(clientContext(), serverHostname = "localhost")
                            writer
                        }
                        server.abortClients()
                    }
                }
            }
        }

        testCancelled("connectAcceptedSocket", closeTransport) {
            SocketPair().run {
                far.close()
                connectAcceptedSocket(near) { RecordingProtocol() }
            }
        }

        test("a sockAccept that is cancelled loses no connection") {
            onSockets {
                withListener { listener ->
                    var clients = 0
                    var accepted = 0
                    cancelledInEachTurn<SocketChannel>({
                        it.close()
                        accepted++
                    }) {
                        SocketChannel.open(listener.localAddress).close()
                        clients++
                        sleep(Duration.ZERO)
                        sockAccept(listener)
                    }
                    while (accepted < clients) sockAccept(listener).close().also { accepted++ }
                    listener.accept() shouldBe null
                }
            }
        }

        test("a sockConnect that is cancelled leaves the channel to whoever has it") {
            onSockets {
                connected { server ->
                    val channels = ArrayList<SocketChannel>()
                    cancelledInEachTurn({}) {
                        val channel = SocketChannel.open().also { channels += it }
                        sockConnect(channel, server.addresses.single())
                    }
                    channels.forEach { it.isOpen shouldBe true }
                    channels.forEach { it.close() }
                }
            }
        }

        // Datagrams and pipes.

        testCancelled("createDatagramEndpoint", closeTransport) {
            createDatagramEndpoint(localAddr = InetSocketAddress(host, 0)) { object : DatagramProtocol {} }
        }

        testCancelled("createDatagramEndpoint of a channel", closeTransport) {
            createDatagramEndpoint(DatagramChannel.open().bind(InetSocketAddress(host, 0))) { object : DatagramProtocol {} }
        }

        testCancelled("connectReadPipe", closeTransport) {
            val pipe = Pipe.open().also { it.sink().close() }
            connectReadPipe(pipe.source()) { RecordingProtocol() }
        }

        testCancelled("connectReadPipe of a stream", closeTransport) {
            val pipe = Pipe.open().also { it.sink().close() }
            connectReadPipe(Channels.newInputStream(pipe.source())) { RecordingProtocol() }
        }

        testCancelled("connectWritePipe", closeTransport) {
            val pipe = Pipe.open().also { it.source().close() }
            connectWritePipe(pipe.sink()) { RecordingProtocol() }
        }

        testCancelled("connectWritePipe of a stream", closeTransport) {
            val pipe = Pipe.open().also { it.source().close() }
            connectWritePipe(Channels.newOutputStream(pipe.sink())) { RecordingProtocol() }
        }

        // Children.

        testCancelled("subprocessExec", closeTransport) { subprocessExec("sleep", "3600") { object : SubprocessProtocol {} } }

        testCancelled("createSubprocessExec", {
            it.kill()
            it.wait()
        }) { createSubprocessExec("sleep", "3600", stdin = PIPE, stdout = PIPE, stderr = PIPE) }

        testCancelled("createSubprocessShell", { it.wait() }) { createSubprocessShell("true", stdin = DEVNULL, stdout = PIPE) }
    })

/** Does [block], and waits until as many descriptors are open as before. */
private suspend fun leavingNothing(block: suspend () -> Unit) {
    val before = openDescriptors().size
    block()
    var patience = 1_000
    while (openDescriptors().size > before && patience-- > 0) sleep(10.milliseconds)
    openDescriptors().size shouldBeLessThanOrEqualTo before
}

/**
 * Runs [operation] again and again, cancelled a turn later each time, until it has its result before; [close] closes that. Returns how
 * many turns it takes.
 */
private suspend fun <T> EventLoop.cancelledInEachTurn(
    close: suspend (T) -> Unit,
    operation: suspend EventLoop.() -> T,
): Int {
    var turns = 0
    while (true) {
        val task = createTask { operation() }
        repeat(turns) { if (!task.done()) sleep(Duration.ZERO) }
        val isThrough = task.done()
        task.cancel()
        try {
            close(task.await())
        } catch (_: CancelledException) {
        }
        if (isThrough) return turns
        // What waits for the world takes some hundred turns.
        turns += 1 + turns / 8
    }
}
