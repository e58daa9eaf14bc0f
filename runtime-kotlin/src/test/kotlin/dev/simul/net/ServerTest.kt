// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.recordReports
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.transports.RecordingProtocol
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.withTimeoutOrNull
import java.net.BindException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.time.Duration

private const val LOOPBACK = "127.0.0.1"

class ServerTest :
    FunSpec({
        /** Runs [block] with a server whose connections are recorded, and a way to connect to it. */
        fun withServer(
            options: ServerOptions = ServerOptions(),
            block: suspend (Server, List<RecordingProtocol>, connect: () -> SocketChannel) -> Unit,
        ) = onLoop { loop ->
            val protocols = mutableListOf<RecordingProtocol>()
            val clients = mutableListOf<SocketChannel>()
            val server = loop.createServer(LOOPBACK, 0, options) { RecordingProtocol().also { protocols += it } }
            val port = server.port
            try {
                block(server, protocols) { SocketChannel.open(InetSocketAddress(LOOPBACK, port)).also { clients += it } }
            } finally {
                clients.forEach { it.close() }
                server.close()
            }
        }

        test("makes a protocol of each connection") {
            withServer { server, protocols, connect ->
                server.isServing shouldBe true
                server.addresses shouldHaveSize 1
                repeat(3) { connect().write(ByteBuffer.wrap("hello".encodeToByteArray())) }
                until { protocols.size == 3 && protocols.all { it.events.size == 2 } }
                protocols.forEach { it.events shouldContainExactly listOf("made", "data hello") }
            }
        }

        test("accepts as many as have queued up") {
            withServer(ServerOptions(startServing = false)) { server, protocols, connect ->
                repeat(50) { connect() }
                protocols.shouldBeEmpty()
                server.startServing()
                until { protocols.size == 50 }
            }
        }

        test("that is closed accepts nothing more, and leaves its connections open") {
            withServer { server, protocols, connect ->
                val client = connect()
                until { protocols.size == 1 }
                server.close()
                server.close()
                server.isServing shouldBe false
                server.addresses.shouldBeEmpty()
                sleep(Duration.ZERO)
                shouldThrow<ConnectException> { connect() }
                client.write(ByteBuffer.wrap("hello".encodeToByteArray()))
                protocols.single().awaitEvents(2)
            }
        }

        test("waits until it is closed, and until its last connection is") {
            withServer { server, protocols, connect ->
                val client = connect()
                until { protocols.size == 1 }
                val waiting = List(2) { createTask { server.waitClosed() } }
                repeat(10) { sleep(Duration.ZERO) }
                waiting.none { it.done() } shouldBe true
                server.close()
                repeat(10) { sleep(Duration.ZERO) }
                waiting.none { it.done() } shouldBe true
                client.close()
                waiting.forEach { it.await() }
                server.waitClosed()
            }
        }

        test("without connections waits for its closing alone") {
            withServer { server, _, _ ->
                val waiting = createTask { server.waitClosed() }
                repeat(10) { sleep(Duration.ZERO) }
                waiting.done() shouldBe false
                server.close()
                waiting.await()
            }
        }

        test("closes or aborts its connections if it is asked to") {
            for (end in listOf(Server::closeClients, Server::abortClients)) {
                withServer { server, protocols, connect ->
                    repeat(3) { connect() }
                    until { protocols.size == 3 && protocols.all { it.events.isNotEmpty() } }
                    server.close()
                    end(server)
                    server.waitClosed()
                    protocols.forEach { it.events shouldContainExactly listOf("made", "lost") }
                }
            }
        }

        test("is served forever until the task is cancelled, and waits for its connections then") {
            withServer(ServerOptions(startServing = false)) { server, protocols, connect ->
                val serving = createTask { server.serveForever() }
                sleep(Duration.ZERO)
                server.isServing shouldBe true
                shouldThrow<IllegalStateException> { server.serveForever() }.message shouldContain "served forever already"
                val client = connect()
                until { protocols.size == 1 }
                serving.cancel()
                repeat(10) { sleep(Duration.ZERO) }
                server.isServing shouldBe false
                serving.done() shouldBe false
                client.close()
                shouldThrow<CancelledException> { serving.await() }
                shouldThrow<IllegalStateException> { server.serveForever() }.message shouldContain "closed: make a new one"
                shouldThrow<IllegalStateException> { server.startServing() }
            }
        }

        test("that is closed ends the call that serves it forever") {
            withServer { server, _, _ ->
                val serving = createTask { server.serveForever() }
                sleep(Duration.ZERO)
                server.close()
                shouldThrow<CancelledException> { serving.await() }
            }
        }

        test("reports a protocol factory that throws, closes that connection, and goes on") {
            onLoop { loop ->
                val reports = loop.recordReports()
                var made = 0
                val server = loop.createServer(LOOPBACK, 0) { if (made++ == 0) error("no protocol") else RecordingProtocol() }
                val address = InetSocketAddress(LOOPBACK, server.port)
                SocketChannel.open(address).use { client ->
                    client.configureBlocking(false)
                    until { client.read(ByteBuffer.allocate(1)) < 0 }
                }
                SocketChannel.open(address).use { until { made == 2 } }
                reports.single().exception!!.message shouldBe "no protocol"
                server.aclose()
            }
        }

        test("listens at several hosts") {
            onLoop { loop ->
                val server = loop.createServer(listOf(LOOPBACK, "127.0.0.2", LOOPBACK), 0) { RecordingProtocol() }
                server.addresses shouldHaveSize 2
                server.addresses.map { (it as InetSocketAddress).address.hostAddress } shouldContainExactly listOf(LOOPBACK, "127.0.0.2")
                server.aclose()
            }
        }

        test("names an address that is in use, and binds none then") {
            onLoop { loop ->
                val server = loop.createServer(LOOPBACK, 0) { RecordingProtocol() }
                val port = server.port
                shouldThrow<BindException> {
                    loop.createServer(listOf("127.0.0.2", LOOPBACK), port) { RecordingProtocol() }
                }.message shouldContain "/127.0.0.1:$port: Address already in use"
                loop.createServer("127.0.0.2", port) { RecordingProtocol() }.aclose()
                server.aclose()
                loop.createServer(LOOPBACK, port) { RecordingProtocol() }.aclose()
            }
        }

        test("can listen where its predecessor's connections linger") {
            withServer { server, protocols, connect ->
                connect()
                until { protocols.size == 1 }
                val port = server.port
                server.close()
                server.closeClients()
                server.waitClosed()
                getRunningLoop().createServer(LOOPBACK, port) { RecordingProtocol() }.aclose()
            }
        }

        test("shares an address with others that want to") {
            onLoop { loop ->
                val shared = ServerOptions(reusePort = true)
                val first = loop.createServer(LOOPBACK, 0, shared) { RecordingProtocol() }
                loop.createServer(LOOPBACK, first.port, shared) { RecordingProtocol() }.aclose()
                first.aclose()
            }
        }

        test("refuses a backlog that is not positive, and no host at all") {
            onLoop { loop ->
                shouldThrow<IllegalArgumentException> { ServerOptions(backlog = 0) }.message shouldBe "backlog is 0: it must be positive"
                shouldThrow<IllegalArgumentException> { loop.createServer(emptyList(), 0) { RecordingProtocol() } }
                    .message shouldContain "hosts is empty"
            }
        }

        test("serves until the time is over that kotlinx gives it") {
            withServer { server, _, _ ->
                withTimeoutOrNull(10) { server.serveForever() } shouldBe null
                server.isServing shouldBe false
            }
        }

        test("is closed with its loop") {
            val loop = EventLoop()
            val server = loop.runUntilComplete { loop.createServer(LOOPBACK, 0) { RecordingProtocol() } }
            val port = server.port
            loop.close()
            server.isServing shouldBe false
            shouldThrow<ConnectException> { SocketChannel.open(InetSocketAddress(LOOPBACK, port)) }
        }

        test("belongs to the loop that made it, and says what it is") {
            withServer { server, _, _ ->
                server.loop shouldBe getRunningLoop()
                server.port shouldNotBe 0
                server.toString() shouldBe "<Server at /127.0.0.1:${server.port} serving>"
            }
        }
    })
