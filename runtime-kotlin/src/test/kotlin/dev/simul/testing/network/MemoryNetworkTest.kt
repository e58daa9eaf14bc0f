// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.EventLoop
import dev.simul.loop.NioPoller
import dev.simul.loop.getRunningLoop
import dev.simul.net.ConnectionOptions
import dev.simul.net.Resolver
import dev.simul.net.ServerOptions
import dev.simul.net.createConnection
import dev.simul.net.createServer
import dev.simul.net.getaddrinfo
import dev.simul.net.getnameinfo
import dev.simul.net.port
import dev.simul.net.resolver
import dev.simul.net.sockAccept
import dev.simul.net.sockConnect
import dev.simul.net.sockRecv
import dev.simul.net.sockRecvfrom
import dev.simul.net.sockSendall
import dev.simul.net.sockSendto
import dev.simul.process.PIPE
import dev.simul.process.createSubprocessExec
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.streams.openUnixConnection
import dev.simul.streams.startServer
import dev.simul.streams.startUnixServer
import dev.simul.testing.CancelOptions
import dev.simul.testing.Deadlock
import dev.simul.testing.VirtualClock
import dev.simul.testing.checkCancelSafe
import dev.simul.testing.runTest
import dev.simul.timeout
import dev.simul.tls.clientContext
import dev.simul.tls.serverContext
import dev.simul.toThread
import dev.simul.transports.Protocol
import dev.simul.transports.RecordingProtocol
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.comparables.shouldBeGreaterThan
import io.kotest.matchers.comparables.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.UnknownHostException
import java.nio.channels.ServerSocketChannel
import java.util.concurrent.CountDownLatch
import kotlin.concurrent.thread
import kotlin.io.path.Path
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import dev.simul.run as runLoop

private const val LOCAL = "127.0.0.1"

private val now get() = getRunningLoop().time()

/** Less than what a clock would wait for a socket of the system's, once. */
private val AT_ONCE = 900.milliseconds

private suspend fun echo(
    reader: StreamReader,
    writer: StreamWriter,
) {
    for (line in reader) writer.write(line)
    writer.close()
}

private fun bytes(text: String) = text.encodeToByteArray()

class MemoryNetworkTest :
    FunSpec({
        context("time") {
            test("jumps between reads, however many there are") {
                val network = MemoryNetwork()
                val passed =
                    measureTime {
                        runTest(network) {
                            val server =
                                startServer(LOCAL, 0) { reader, writer ->
                                    repeat(1000) {
                                        writer.write(reader.readline())
                                        sleep(1.hours)
                                    }
                                    writer.close()
                                }
                            val (reader, writer) = openConnection("localhost", server.port)
                            repeat(1000) {
                                writer.write(bytes("$it\n"))
                                reader.readline().decodeToString() shouldBe "$it\n"
                                now shouldBe it.hours
                            }
                            reader.read().size shouldBe 0
                            now shouldBe 1000.hours
                            writer.aclose()
                            server.aclose()
                        }
                    }
                passed shouldBeLessThan 10.seconds // a thousand seconds with the system's sockets
                network.openChannels.shouldBeEmpty()
            }

            test("of a timeout is exact, though a socket is waited for") {
                measureTime {
                    runTest(MemoryNetwork()) {
                        val server = startServer(LOCAL, 0) { reader, writer -> reader.read().also { writer.close() } }
                        val (reader, writer) = openConnection(LOCAL, server.port)
                        shouldThrow<TimeoutException> { timeout(1.minutes) { reader.readline() } }
                        now shouldBe 1.minutes
                        writer.close()
                        server.aclose()
                    }
                } shouldBeLessThan AT_ONCE
            }

            test("does not pass while bytes are on their way") {
                runTest(MemoryNetwork()) {
                    val timer = createTask { sleep(1.hours) }
                    val server = startServer(LOCAL, 0, clientConnected = ::echo)
                    val (reader, writer) = openConnection(LOCAL, server.port)
                    repeat(100) {
                        writer.write(bytes("$it\n"))
                        reader.readline()
                    }
                    now shouldBe Duration.ZERO
                    timer.cancel()
                    writer.aclose()
                    server.aclose()
                }
            }

            test("stands still for a task that is always ready, and the connection goes on beside it") {
                runTest(MemoryNetwork()) {
                    val server = startServer(LOCAL, 0, clientConnected = ::echo)
                    val (reader, writer) = openConnection(LOCAL, server.port)
                    var turns = 0
                    val busy =
                        createTask {
                            while (true) {
                                turns++
                                sleep(Duration.ZERO)
                            }
                        }
                    writer.write(bytes("hello\n"))
                    reader.readline()
                    turns shouldBeLessThan 10
                    busy.cancel()
                    writer.aclose()
                    server.aclose()
                }
            }

            test("is the machine's on a loop of real time, which works as well") {
                val network = MemoryNetwork()
                runLoop(loopFactory = {
                    EventLoop(poller = NioPoller(selectorProvider = network)).apply { resolver = network.resolver }
                }) {
                    network.addHost("echo.test")
                    val server =
                        startServer("echo.test", 0) { reader, writer ->
                            sleep(5.milliseconds)
                            echo(reader, writer)
                        }
                    val (reader, writer) = openConnection("echo.test", server.port)
                    writer.write(bytes("hello\n"))
                    reader.readline().decodeToString() shouldBe "hello\n"
                    writer.aclose()
                    server.aclose()
                }
                network.openChannels.shouldBeEmpty()
            }
        }

        context("a deadlock") {
            test("is found at once, though sockets are waited for") {
                measureTime {
                    val failure =
                        shouldThrow<Deadlock> {
                            runTest(MemoryNetwork()) {
                                val server = startServer(LOCAL, 0) { reader, _ -> reader.readline() }
                                openConnection(LOCAL, server.port).reader.readline()
                            }
                        }
                    failure.message shouldContain "deadlock at 0s: nothing more can happen, and 2 task(s) are stuck"
                } shouldBeLessThan AT_ONCE
            }

            test("is found at once in a writer that nobody reads from") {
                measureTime {
                    shouldThrow<Deadlock> {
                        runTest(MemoryNetwork()) {
                            val server = startServer(LOCAL, 0) { _, writer -> writer.transport.pauseReading() }
                            val (_, writer) = openConnection(LOCAL, server.port)
                            writer.write(ByteArray(1_000_000))
                            writer.drain()
                        }
                    }.message shouldContain "StreamWriter.drain"
                } shouldBeLessThan AT_ONCE
            }

            test("is found at once in an accept that nobody connects to, and in a connect that nobody accepts") {
                measureTime {
                    shouldThrow<Deadlock> { runTest(MemoryNetwork()) { accepting().let { getRunningLoop().sockAccept(it) } } }
                    shouldThrow<Deadlock> {
                        runTest(MemoryNetwork()) {
                            val listener = accepting(backlog = 1)
                            repeat(2) { openConnection(LOCAL, listener.port) }
                        }
                    }
                } shouldBeLessThan AT_ONCE
            }
        }

        context("flow control") {
            test("pauses the writer when the connection is full, and resumes it when there is room") {
                runTest(MemoryNetwork()) {
                    val loop = getRunningLoop()
                    val events = ArrayList<String>()
                    val sender =
                        object : Protocol {
                            override fun dataReceived(data: ByteArray) = Unit

                            override fun pauseWriting() {
                                events += "pause"
                            }

                            override fun resumeWriting() {
                                events += "resume"
                            }
                        }
                    val received = RecordingProtocol()
                    val server =
                        loop.createServer(LOCAL, 0) {
                            received
                        }
                    val (transport) = loop.createConnection(LOCAL, server.port) { sender }
                    received.awaitEvents(1)
                    val far = received.transport
                    far.pauseReading()
                    transport.write(ByteArray(64 * 1024))
                    transport.writeBufferSize shouldBe 0
                    transport.write(ByteArray(64 * 1024 + 1))
                    transport.writeBufferSize shouldBe 64 * 1024 + 1
                    events shouldContainExactly listOf("pause")
                    repeat(100) { sleep(Duration.ZERO) }
                    transport.writeBufferSize shouldBe 64 * 1024 + 1
                    far.resumeReading()
                    sleep(1.seconds)
                    transport.writeBufferSize shouldBe 0
                    events shouldContainExactly listOf("pause", "resume")
                    transport.close()
                    server.aclose()
                }
            }
        }

        context("names") {
            test("are those of the network's hosts, and are looked up without another thread") {
                val network = MemoryNetwork()
                network.addHost("a.test") shouldBe InetAddress.getByName("10.0.0.1")
                network.addHost("b.test", InetAddress.getByName("10.0.0.2"))
                network.addHost("B.test").hostAddress shouldBe "10.0.0.3"
                runTest(network) {
                    val loop = getRunningLoop()
                    val turn = createTask { sleep(Duration.ZERO) }
                    loop.getaddrinfo("A.Test", 80) shouldContainExactly listOf(at("10.0.0.1", 80))
                    loop.getaddrinfo("b.test.", 80).map { it.address.hostAddress } shouldContainExactly listOf("10.0.0.2", "10.0.0.3")
                    loop.getaddrinfo("localhost", 80).map { it.address.hostAddress } shouldContainExactly listOf("127.0.0.1")
                    loop.getnameinfo(at("10.0.0.1", 0)) shouldBe "a.test"
                    loop.getnameinfo(at("10.9.9.9", 0)) shouldBe "10.9.9.9"
                    shouldThrow<UnknownHostException> { loop.getaddrinfo("c.test", 80) }.message shouldBe
                        "c.test: no host of this name is on <MemoryNetwork>, see addHost"
                    turn.done() shouldBe false
                    turn.await()
                }
            }

            test("have addresses that a single host can have") {
                for (wrong in listOf("0.0.0.0", "::", "224.0.0.1", "255.255.255.255")) {
                    val address = InetAddress.getByName(wrong)
                    shouldThrow<IllegalArgumentException> { MemoryNetwork().addHost("a.test", address) }.message shouldBe
                        "the address of a.test is $address: it must be that of a single host"
                }
            }

            test("lead to servers, each at its own address") {
                val network = MemoryNetwork()
                listOf("a.test", "b.test").forEach { network.addHost(it) }
                runTest(network) {
                    for (name in listOf(
                        "a.test",
                        "b.test",
                    )) {
                        startServer(name, 80) { _, writer -> writer.write(bytes(name)).also { writer.close() } }
                    }
                    for (name in listOf("b.test", "a.test")) {
                        val (reader, writer) = openConnection(name, 80)
                        reader.read().decodeToString() shouldBe name
                        (writer.getExtraInfo("peername") as InetSocketAddress).hostName shouldBe name
                        writer.aclose()
                    }
                    shouldThrow<ConnectException> { openConnection("a.test", 81) }.message shouldBe
                        "Connect call failed for a.test/10.0.0.1:81: Connection refused"
                }
            }

            test("may be those of another resolver") {
                runTest(MemoryNetwork()) {
                    startServer(LOCAL, 80) { _, writer -> writer.close() }
                    getRunningLoop().resolver = Resolver { host -> listOf(InetAddress.getByAddress(host, byteArrayOf(127, 0, 0, 1))) }
                    openConnection("whoever.test", 80).writer.aclose()
                }
            }
        }

        context("other threads") {
            test("wake the loop while it waits for a socket") {
                runTest(MemoryNetwork()) {
                    val loop = getRunningLoop()
                    val server = startServer(LOCAL, 0, clientConnected = ::echo)
                    val (reader, writer) = openConnection(LOCAL, server.port)
                    val reading = createTask { reader.readline() }
                    toThread {
                        Thread.sleep(20)
                        loop.callSoonThreadsafe { writer.write(bytes("from afar\n")) }
                        "worked"
                    } shouldBe "worked"
                    reading.await().decodeToString() shouldBe "from afar\n"
                    now shouldBe Duration.ZERO
                    writer.aclose()
                    server.aclose()
                }
            }

            test("may have loops of their own on the same network, for which the clock waits as for the system's sockets") {
                val network = MemoryNetwork()
                val serving = CountDownLatch(1)
                lateinit var stop: () -> Unit
                val other =
                    thread {
                        runLoop(loopFactory = { EventLoop(poller = NioPoller(selectorProvider = network)) }) {
                            val loop = getRunningLoop()
                            val stopped = loop.createFuture<Unit>()
                            stop = { loop.callSoonThreadsafe { stopped.setResult(Unit) } }
                            startServer(LOCAL, 80) { reader, writer ->
                                val line = reader.readline()
                                sleep(20.milliseconds)
                                writer.write(line)
                                writer.close()
                            }
                            serving.countDown()
                            stopped.await()
                        }
                    }
                serving.await()
                runTest(network) {
                    val (reader, writer) = openConnection(LOCAL, 80)
                    writer.write(bytes("hello\n"))
                    timeout(1.hours) { reader.readline() }.decodeToString() shouldBe "hello\n"
                    now shouldBe Duration.ZERO
                    writer.aclose()
                }
                stop()
                other.join()
                network.openChannels.shouldBeEmpty()
            }
        }

        context("what is cancelled leaves no socket") {
            val options = CancelOptions(network = ::MemoryNetwork)

            test("a connection and a server") {
                checkCancelSafe(options) {
                    val server = startServer(LOCAL, 0, clientConnected = ::echo)
                    try {
                        val (reader, writer) = openConnection(LOCAL, server.port)
                        try {
                            writer.write(bytes("hello\n"))
                            reader.readline()
                        } finally {
                            writer.close()
                        }
                    } finally {
                        server.close()
                        server.abortClients()
                    }
                }
            }

            test("a connection that the server has no room for") {
                measureTime {
                    checkCancelSafe(
                        setUp = {
                            accepting(backlog = 1).also { openConnection(LOCAL, it.port) }
                        },
                        check = { it.close() },
                        options = options,
                    ) { listener ->
                        try {
                            timeout(1.minutes) { openConnection(LOCAL, listener.port) }.writer.close()
                        } catch (_: TimeoutException) {
                        }
                    }
                } shouldBeLessThan 10.seconds
            }

            test("an accept") {
                runTest(MemoryNetwork()) {
                    val loop = getRunningLoop()
                    accepting().use { listener ->
                        val accepted = createTask { loop.sockAccept(listener) }
                        sleep(Duration.ZERO)
                        accepted.cancel()
                        shouldThrow<CancelledException> { accepted.await() }
                        val client = loop.selectorProvider.openSocketChannel()
                        loop.sockConnect(client, listener.localAddress)
                        loop.sockSendall(client, bytes("hello"))
                        loop.sockRecv(loop.sockAccept(listener), 100).decodeToString() shouldBe "hello"
                    }
                }
            }

            test("if it leaves one, it is named") {
                shouldThrow<AssertionError> {
                    checkCancelSafe(options) { (getRunningLoop().selectorProvider as MemoryNetwork).open() }
                }.message shouldContain "a socket is open: <MemorySocketChannel not bound>"
            }
        }

        context("above the sockets") {
            test("TLS is spoken, from the beginning or from the middle") {
                runTest(MemoryNetwork()) {
                    val server =
                        startServer("localhost", 0) { reader, writer ->
                            writer.write(reader.readline())
                            writer.startTls(serverContext())
                            echo(reader, writer)
                        }
                    val (reader, writer) = openConnection("localhost", server.port)
                    writer.write(bytes("plain\n"))
                    reader.readline().decodeToString() shouldBe "plain\n"
                    writer.startTls(clientContext(), serverHostname = "localhost")
                    writer.write(bytes("secret\n"))
                    reader.readline().decodeToString() shouldBe "secret\n"
                    writer.aclose()
                    server.aclose()

                    val secure = startServer("localhost", 443, options = ServerOptions(ssl = serverContext()), clientConnected = ::echo)
                    val (from, to) = openConnection("localhost", 443, options = ConnectionOptions(ssl = clientContext()))
                    to.write(bytes("secret\n"))
                    from.readline().decodeToString() shouldBe "secret\n"
                    to.aclose()
                    secure.aclose()
                    now shouldBe Duration.ZERO
                }
            }

            test("Unix domain sockets have paths without files") {
                val path = Path("/nowhere/socket")
                runTest(MemoryNetwork()) {
                    val server = startUnixServer(path, clientConnected = ::echo)
                    val (reader, writer) = openUnixConnection(path)
                    writer.write(bytes("hello\n"))
                    reader.readline().decodeToString() shouldBe "hello\n"
                    writer.aclose()
                    server.aclose()
                    shouldThrow<IOException> { openUnixConnection(path) }.message shouldContain "No such file or directory"
                }
            }

            test("datagrams come and go, and one that is waited for in vain is a deadlock") {
                measureTime {
                    shouldThrow<Deadlock> {
                        runTest(MemoryNetwork()) {
                            val loop = getRunningLoop()
                            val server = loop.selectorProvider.openDatagramChannel().bind(at(LOCAL, 53))
                            val client = loop.selectorProvider.openDatagramChannel()
                            val asking = createTask { loop.sockRecvfrom(server, 100) }
                            sleep(1.hours)
                            loop.sockSendto(client, bytes("who?"), at(LOCAL, 53))
                            asking.await().data.decodeToString() shouldBe "who?"
                            loop.sockRecvfrom(client, 100)
                        }
                    }
                } shouldBeLessThan AT_ONCE
            }

            test("a process has its pipes") {
                runTest(MemoryNetwork()) {
                    val child = createSubprocessExec("cat", stdin = PIPE, stdout = PIPE)
                    child.communicate(bytes("hello")).stdout!!.decodeToString() shouldBe "hello"
                }
            }
        }

        test("events come in the same order each time") {
            fun run(): List<String> {
                val events = ArrayList<String>()
                runTest(MemoryNetwork()) {
                    val server =
                        startServer(LOCAL, 0) { reader, writer ->
                            for (line in reader) {
                                events += "$now: ${line.decodeToString().trim()} of ${writer.getExtraInfo("peername")}"
                                sleep((line.size * 7 % 5).seconds)
                                writer.write(line)
                            }
                            writer.close()
                        }
                    val clients =
                        List(20) { client ->
                            createTask {
                                val (reader, writer) = openConnection(LOCAL, server.port)
                                repeat(10) {
                                    writer.write(bytes("x".repeat((client * 31 + it) % 17) + "\n"))
                                    events += "$now: $client has ${reader.readline().size}"
                                }
                                writer.aclose()
                            }
                        }
                    clients.forEach { it.await() }
                    server.aclose()
                }
                return events
            }
            val first = run()
            first.size shouldBeGreaterThan 399
            repeat(3) { run() shouldBe first }
        }

        test("a virtual clock waits for the system's sockets as it did") {
            val threshold = 50.milliseconds
            measureTime {
                runTest(clock = VirtualClock(threshold)) {
                    val server = startServer(LOCAL, 0) { reader, writer -> reader.read().also { writer.close() } }
                    val (_, writer) = openConnection(LOCAL, server.port)
                    sleep(1.hours)
                    writer.close()
                    server.aclose()
                }
            } shouldBeGreaterThan threshold
        }
    })

/** A socket of the running loop's network that listens. */
private fun accepting(backlog: Int = 10): ServerSocketChannel =
    (getRunningLoop().selectorProvider as MemoryNetwork).listen(backlog = backlog)
