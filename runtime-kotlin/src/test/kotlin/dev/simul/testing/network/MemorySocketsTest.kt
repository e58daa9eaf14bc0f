// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NetworkInterface
import java.net.NoRouteToHostException
import java.net.PortUnreachableException
import java.net.SocketAddress
import java.net.SocketException
import java.net.StandardProtocolFamily.INET
import java.net.StandardProtocolFamily.UNIX
import java.net.StandardSocketOptions.SO_BROADCAST
import java.net.StandardSocketOptions.SO_KEEPALIVE
import java.net.StandardSocketOptions.SO_LINGER
import java.net.StandardSocketOptions.SO_REUSEPORT
import java.net.StandardSocketOptions.TCP_NODELAY
import java.net.UnixDomainSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.AlreadyBoundException
import java.nio.channels.AlreadyConnectedException
import java.nio.channels.ClosedChannelException
import java.nio.channels.ConnectionPendingException
import java.nio.channels.DatagramChannel
import java.nio.channels.FileChannel
import java.nio.channels.IllegalBlockingModeException
import java.nio.channels.NoConnectionPendingException
import java.nio.channels.NotYetBoundException
import java.nio.channels.NotYetConnectedException
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.nio.channels.UnresolvedAddressException
import java.nio.channels.UnsupportedAddressTypeException
import java.nio.file.Files

private const val WINDOW = 64 * 1024

internal fun at(
    host: String,
    port: Int,
) = InetSocketAddress(InetAddress.getByName(host), port)

internal fun MemoryNetwork.listen(
    address: SocketAddress? = at("127.0.0.1", 0),
    backlog: Int = 10,
): ServerSocketChannel = openServerSocketChannel().apply { configureBlocking(false) }.bind(address, backlog)

internal fun MemoryNetwork.open(): SocketChannel = openSocketChannel().apply { configureBlocking(false) }

internal fun MemoryNetwork.connect(address: SocketAddress): SocketChannel = open().apply { connect(address) shouldBe false }

internal fun ServerSocketChannel.acceptOne(): SocketChannel = accept()!!.apply { configureBlocking(false) }

/** Two connected sockets. */
internal fun MemoryNetwork.pair(): Pair<SocketChannel, SocketChannel> =
    listen().use { listener ->
        val near = connect(listener.localAddress)
        val far = listener.acceptOne()
        near.finishConnect() shouldBe true
        near to far
    }

internal fun SocketChannel.say(text: String): Int = write(ByteBuffer.wrap(text.encodeToByteArray()))

/** What can be read at once; null at the end of the stream. */
internal fun SocketChannel.hear(): String? {
    val buffer = ByteBuffer.allocate(2 * WINDOW)
    return if (read(buffer) < 0) null else buffer.array().decodeToString(0, buffer.position())
}

class MemorySocketsTest :
    FunSpec({
        lateinit var network: MemoryNetwork

        beforeTest { network = MemoryNetwork() }

        context("a connection") {
            test("is made before it is accepted, and knows both its addresses") {
                network.listen(at("127.0.0.1", 80)).use { listener ->
                    val near = network.connect(at("127.0.0.1", 80))
                    near.isConnected shouldBe false
                    near.isConnectionPending shouldBe true
                    near.finishConnect() shouldBe true
                    near.isConnected shouldBe true
                    near.isConnectionPending shouldBe false
                    near.say("early") shouldBe 5
                    val far = listener.acceptOne()
                    far.hear() shouldBe "early"
                    near.remoteAddress shouldBe at("127.0.0.1", 80)
                    near.localAddress shouldBe at("127.0.0.1", 49_152)
                    far.localAddress shouldBe near.remoteAddress
                    far.remoteAddress shouldBe near.localAddress
                    listener.accept().shouldBeNull()
                    near.toString() shouldBe "<MemorySocketChannel /127.0.0.1:49152 to /127.0.0.1:80>"
                }
            }

            test("carries bytes in order, in both directions, whatever buffers they come in") {
                val (near, far) = network.pair()
                near.write(arrayOf("ab", "", "cd").map { ByteBuffer.wrap(it.encodeToByteArray()) }.toTypedArray()) shouldBe 4
                near.say("ef")
                val buffers = arrayOf(ByteBuffer.allocate(1), ByteBuffer.allocateDirect(4), ByteBuffer.allocate(9))
                far.read(buffers) shouldBe 6
                buffers.joinToString("|") { Charsets.US_ASCII.decode(it.flip()).toString() } shouldBe "a|bcde|f"
                far.read(buffers.onEach { it.clear() }) shouldBe 0
                far.say("answer")
                near.hear() shouldBe "answer"
                near.hear() shouldBe ""
            }

            test("takes no more than 64 KiB that are not read, and more as they are") {
                val (near, far) = network.pair()
                near.write(ByteBuffer.allocate(10)) shouldBe 10
                near.write(ByteBuffer.allocate(WINDOW)) shouldBe WINDOW - 10
                near.write(ByteBuffer.allocate(1)) shouldBe 0
                far.read(ByteBuffer.allocate(7)) shouldBe 7
                near.write(ByteBuffer.allocate(WINDOW)) shouldBe 7
                far.hear()!!.length shouldBe WINDOW
                near.write(ByteBuffer.allocate(WINDOW)) shouldBe WINDOW
            }

            test("keeps what was written, though the writer's buffer changes") {
                val (near, far) = network.pair()
                val buffer = ByteBuffer.wrap("before".encodeToByteArray())
                near.write(buffer)
                buffer.array().fill('x'.code.toByte())
                far.hear() shouldBe "before"
            }

            test("sends a file") {
                val (near, far) = network.pair()
                val file = Files.createTempFile("memory", null)
                try {
                    Files.write(file, ByteArray(100_000))
                    FileChannel.open(file).use { it.transferTo(0, 100_000, near) shouldBe WINDOW }
                    far.hear()!!.length shouldBe WINDOW
                } finally {
                    Files.delete(file)
                }
            }
        }

        context("the end") {
            test("of writing comes after what was written, and the other end can still answer") {
                val (near, far) = network.pair()
                near.say("last")
                near.shutdownOutput()
                near.shutdownOutput()
                far.hear() shouldBe "last"
                far.hear().shouldBeNull()
                far.hear().shouldBeNull()
                shouldThrow<ClosedChannelException> { near.say("more") }
                far.say("answer")
                near.hear() shouldBe "answer"
            }

            test("of reading is its own affair") {
                val (near, far) = network.pair()
                far.say("unheard")
                near.shutdownInput()
                near.hear().shouldBeNull()
                far.say("more") shouldBe 4
            }

            test("of a socket that has read everything ends the stream; what is written after that breaks the pipe") {
                val (near, far) = network.pair()
                near.say("last")
                near.close()
                near.close()
                far.say("into the void") shouldBe 13
                far.hear() shouldBe "last"
                far.hear().shouldBeNull()
                shouldThrow<SocketException> { far.say("again") }.message shouldBe "Broken pipe"
                far.hear().shouldBeNull()
            }

            test("of a socket that has not read everything resets the connection, after what it had written") {
                val (near, far) = network.pair()
                far.say("unread")
                near.say("last")
                near.close()
                far.hear() shouldBe "last"
                repeat(2) { shouldThrow<SocketException> { far.hear() }.message shouldBe "Connection reset" }
                shouldThrow<SocketException> { far.say("again") }.message shouldBe "Broken pipe"
            }

            test("by a linger time of zero resets it too, which a writer finds once") {
                val (near, far) = network.pair()
                near.setOption(SO_LINGER, 0).close()
                shouldThrow<SocketException> { far.say("a") }.message shouldBe "Connection reset by peer"
                shouldThrow<SocketException> { far.say("b") }.message shouldBe "Broken pipe"
            }

            test("of a socket that is selected ends the stream first, as the JDK does it") {
                network.openSelector().use { selector ->
                    val (near, far) = network.pair()
                    near.register(selector, 0)
                    far.say("unread")
                    near.close()
                    far.hear().shouldBeNull()
                    shouldThrow<SocketException> { far.say("more") }.message shouldBe "Broken pipe"
                }
            }

            test("of both sides leaves nothing, and closed sockets refuse everything") {
                val (near, far) = network.pair()
                near.close()
                far.close()
                network.openChannels.shouldBeEmpty()
                shouldThrow<ClosedChannelException> { near.hear() }
                shouldThrow<ClosedChannelException> { near.say("a") }
                shouldThrow<ClosedChannelException> { near.connect(at("127.0.0.1", 80)) }
                shouldThrow<ClosedChannelException> { near.localAddress }
                near.toString() shouldBe "<MemorySocketChannel closed>"
            }
        }

        context("a server") {
            test("that nobody has made refuses, when the connection is finished, which closes the socket") {
                val near = network.connect(at("127.0.0.1", 80))
                shouldThrow<ConnectException> { near.finishConnect() }.message shouldBe "Connection refused"
                near.isOpen shouldBe false
                network.openChannels.shouldBeEmpty()
            }

            test("lets clients wait while its backlog is full, and takes them in the order in which they came") {
                network.listen(backlog = 2).use { listener ->
                    val clients = List(4) { network.connect(listener.localAddress) }
                    clients.map { it.finishConnect() } shouldContainExactly listOf(true, true, false, false)
                    listener.acceptOne().remoteAddress shouldBe clients[0].localAddress
                    clients.drop(2).map { it.finishConnect() } shouldContainExactly listOf(true, false)
                    val accepted = List(3) { listener.acceptOne().remoteAddress }
                    accepted shouldContainExactly clients.drop(1).map { it.localAddress }
                    listener.accept().shouldBeNull()
                }
            }

            test("forgets a client that gives up waiting, and finds the end of one that gave up after that") {
                network.listen(backlog = 1).use { listener ->
                    val (first, second, third) = List(3) { network.connect(listener.localAddress) }
                    second.close()
                    first.close()
                    listener.acceptOne().hear().shouldBeNull()
                    listener.acceptOne().remoteAddress shouldBe third.localAddress
                }
            }

            test("that is closed resets those it has not accepted, and refuses those that wait") {
                val listener = network.listen(backlog = 1)
                val (queued, waiting) = List(2) { network.connect(listener.localAddress) }
                queued.finishConnect() shouldBe true
                listener.close()
                shouldThrow<SocketException> { queued.hear() }.message shouldBe "Connection reset"
                shouldThrow<ConnectException> { waiting.finishConnect() }
                shouldThrow<ClosedChannelException> { listener.accept() }
                listener.toString() shouldBe "<MemoryServerSocketChannel closed>"
                queued.close()
                network.openChannels.shouldBeEmpty()
            }

            test("at a path refuses those that wait, too, when it is closed") {
                val path = UnixDomainSocketAddress.of("/nowhere/at/all")
                val listener = network.openServerSocketChannel(UNIX).apply { configureBlocking(false) }.bind(path, 1)
                val (queued, waiting) =
                    List(
                        2,
                    ) { network.openSocketChannel(UNIX).apply { configureBlocking(false) }.also { it.connect(path) } }
                queued.finishConnect() shouldBe true
                listener.close()
                shouldThrow<ConnectException> { waiting.finishConnect() }.message shouldBe "Connection refused"
            }

            test("shares its port with no other, unless both agree") {
                val first = network.listen(at("127.0.0.1", 80))
                for (taken in listOf("127.0.0.1", "0.0.0.0", "::")) {
                    shouldThrow<BindException> { network.listen(at(taken, 80)) }.message shouldBe "Address already in use"
                }
                network.listen(at("127.0.0.2", 80)).close()
                first.close()
                network.listen(at("127.0.0.1", 80)).close()
                val sharing =
                    List(2) {
                        network.openServerSocketChannel().apply {
                            setOption(SO_REUSEPORT, true)
                            configureBlocking(false)
                            bind(at("127.0.0.1", 80))
                        }
                    }
                repeat(4) { network.connect(at("127.0.0.1", 80)) }
                for (server in sharing) {
                    repeat(2) { server.acceptOne() }
                    server.accept().shouldBeNull()
                }
            }

            test("of all interfaces is found at each, but one of a single address is preferred there") {
                network.addHost("example.test", InetAddress.getByName("10.1.2.3"))
                val all = network.listen(at("::", 80))
                for (address in listOf("127.0.0.1", "127.3.2.1", "::1", "10.1.2.3", "0.0.0.0")) {
                    network.connect(at(address, 80)).finishConnect() shouldBe true
                    all.acceptOne().localAddress shouldBe at(if (address == "0.0.0.0") "127.0.0.1" else address, 80)
                }
                all.close()
                val four = network.listen(at("0.0.0.0", 80))
                shouldThrow<ConnectException> { network.connect(at("::1", 80)).finishConnect() }
                network.connect(at("10.1.2.3", 80)).finishConnect() shouldBe true
                four.acceptOne().remoteAddress.shouldBeInstanceOf<InetSocketAddress>().address.hostAddress shouldBe "10.1.2.3"
            }
        }

        context("an address") {
            test("that is not the machine's can neither be bound nor reached") {
                shouldThrow<BindException> { network.listen(at("10.0.0.1", 80)) }.message shouldBe "Cannot assign requested address"
                shouldThrow<NoRouteToHostException> { network.connect(at("10.0.0.1", 80)).finishConnect() }
            }

            test("is bound once, is given back, and does not come again before the others had their turn") {
                val socket = network.open().bind(at("127.0.0.1", 5000))
                shouldThrow<AlreadyBoundException> { socket.bind(null) }
                shouldThrow<BindException> { network.open().bind(at("127.0.0.1", 5000)) }
                socket.close()
                network.open().bind(at("127.0.0.1", 5000)).close()
                List(2) { network.open().bind(null).use { it.localAddress } } shouldContainExactly
                    listOf(at("::", 49_152), at("::", 49_153))
            }

            test("that was bound to all interfaces is the one that the peer can reach, once connected") {
                network.listen(at("127.0.0.1", 80)).use { listener ->
                    val near = network.open().bind(at("0.0.0.0", 5000))
                    near.connect(at("127.0.0.1", 80))
                    near.localAddress shouldBe at("127.0.0.1", 5000)
                    listener.acceptOne().remoteAddress shouldBe at("127.0.0.1", 5000)
                }
            }

            test("has to be of the socket's family, and resolved") {
                val four = network.openSocketChannel(INET).apply { configureBlocking(false) }
                shouldThrow<UnsupportedAddressTypeException> { four.connect(at("::1", 80)) }
                shouldThrow<UnsupportedAddressTypeException> { four.connect(UnixDomainSocketAddress.of("/tmp/x")) }
                shouldThrow<UnresolvedAddressException> { four.connect(InetSocketAddress.createUnresolved("localhost", 80)) }
                four.isOpen shouldBe true
            }

            test("may be a path, of which there is no file") {
                val path = UnixDomainSocketAddress.of("/nowhere/at/all")
                val missing = network.openSocketChannel(UNIX).apply { configureBlocking(false) }
                missing.connect(path)
                shouldThrow<SocketException> { missing.finishConnect() }.message shouldBe "No such file or directory"
                val listener = network.openServerSocketChannel(UNIX).bind(path).apply { configureBlocking(false) }
                val near = network.openSocketChannel(UNIX).apply { configureBlocking(false) }
                near.connect(path)
                near.finishConnect() shouldBe true
                val far = listener.acceptOne()
                near.say("hello")
                far.hear() shouldBe "hello"
                far.localAddress shouldBe path
                (TCP_NODELAY in far.supportedOptions()) shouldBe false
                shouldThrow<BindException> { network.openServerSocketChannel(UNIX).bind(path) }
            }
        }

        context("what a socket is not ready for") {
            test("is refused before it is connected") {
                val socket = network.open()
                shouldThrow<NotYetConnectedException> { socket.hear() }
                shouldThrow<NotYetConnectedException> { socket.say("a") }
                shouldThrow<NotYetConnectedException> { socket.shutdownOutput() }
                shouldThrow<NoConnectionPendingException> { socket.finishConnect() }
                socket.remoteAddress.shouldBeNull()
                shouldThrow<NotYetBoundException> { network.openServerSocketChannel().accept() }
            }

            test("is refused while it connects, and afterwards") {
                network.listen().use { listener ->
                    val socket = network.connect(listener.localAddress)
                    shouldThrow<ConnectionPendingException> { socket.connect(listener.localAddress) }
                    shouldThrow<NotYetConnectedException> { socket.say("a") }
                    socket.finishConnect()
                    socket.finishConnect() shouldBe true
                    shouldThrow<AlreadyConnectedException> { socket.connect(listener.localAddress) }
                }
            }

            test("is refused where it would block") {
                network.listen(at("127.0.0.1", 80)).use { listener ->
                    shouldThrow<IllegalBlockingModeException> { network.openSocketChannel().connect(at("127.0.0.1", 80)) }
                    network.connect(at("127.0.0.1", 80))
                    val accepted = listener.accept()!!
                    accepted.isBlocking shouldBe true
                    shouldThrow<IllegalBlockingModeException> { accepted.hear() }
                    accepted.configureBlocking(false)
                    shouldThrow<UnsupportedOperationException> { accepted.configureBlocking(true) }.message shouldContain "does not block"
                }
            }

            test("is refused by name, if it is not there at all") {
                shouldThrow<UnsupportedOperationException> { network.openDatagramChannel(UNIX) }.message shouldBe
                    "<MemoryNetwork> has no datagrams in the Unix domain"
                val group = InetAddress.getByName("224.0.0.1")
                shouldThrow<UnsupportedOperationException> {
                    network.openDatagramChannel().join(group, NetworkInterface.networkInterfaces().findFirst().get())
                }.message shouldBe "<MemoryNetwork> has no multicast"
                shouldThrow<UnsupportedOperationException> { network.openPipe() }.message shouldBe "<MemoryNetwork> has no pipes"
                shouldThrow<UnsupportedOperationException> { network.open().socket() }.message shouldContain "use the channel"
                shouldThrow<UnsupportedOperationException> { network.openServerSocketChannel().socket() }
            }
        }

        context("a datagram") {
            fun at(port: Int) = at("127.0.0.1", port)

            fun bound(address: SocketAddress?): DatagramChannel =
                network.openDatagramChannel().apply { configureBlocking(false) }.bind(address)

            fun DatagramChannel.next(room: Int = 100): String? {
                val buffer = ByteBuffer.allocate(room)
                return receive(buffer)?.let { "$it ${buffer.array().decodeToString(0, buffer.position())}" }
            }

            fun data(text: String) = ByteBuffer.wrap(text.encodeToByteArray())

            test("has a port of its own kind, comes as a whole, and what does not fit is lost") {
                network.listen(at(5000))
                val here = bound(at(5000))
                val there = bound(null)
                there.send(data("one"), at(5000)) shouldBe 3
                there.send(data("two"), at(5000)) shouldBe 3
                here.next() shouldBe "/127.0.0.1:49152 one"
                here.next(room = 2) shouldBe "/127.0.0.1:49152 tw"
                here.next().shouldBeNull()
                here.send(data("back"), at(49_152))
                there.next() shouldBe "/127.0.0.1:5000 back"
            }

            test("is taken by a connected socket from its peer alone") {
                val here = bound(at(5000)).connect(at(6000))
                val peer = bound(at(6000))
                val other = bound(at(7000))
                other.send(data("other"), at(5000))
                peer.send(data("peer"), at(5000))
                val buffers = arrayOf(ByteBuffer.allocate(2), ByteBuffer.allocate(9))
                here.read(buffers) shouldBe 4
                here.read(ByteBuffer.allocate(9)) shouldBe 0
                here.write(arrayOf(data("a"), data("b"))) shouldBe 2
                peer.next() shouldBe "/127.0.0.1:5000 ab"
                shouldThrow<AlreadyConnectedException> { here.send(data("a"), at(7000)) }
                here.disconnect().send(data("a"), at(7000))
                other.next() shouldBe "/127.0.0.1:5000 a"
                shouldThrow<NotYetConnectedException> { here.write(data("a")) }
            }

            test("that nobody takes is an error of a connected socket, at its next call") {
                val lonely = bound(null).connect(at(5000))
                lonely.write(data("a")) shouldBe 1
                shouldThrow<PortUnreachableException> { lonely.read(ByteBuffer.allocate(9)) }
                lonely.read(ByteBuffer.allocate(9)) shouldBe 0
                bound(null).send(data("a"), at(5000)) shouldBe 1
                shouldThrow<NoRouteToHostException> { bound(null).send(data("a"), at("10.9.9.9", 5000)) }
            }

            test("is lost where there is no room") {
                val here = bound(at(5000))
                val there = bound(null)
                repeat(5) { there.send(ByteBuffer.allocate(60_000), at(5000)) }
                List(5) { here.next(room = 0) != null } shouldContainExactly listOf(true, true, true, true, false)
                there.send(data("again"), at(5000))
                here.next() shouldBe "/127.0.0.1:49152 again"
            }

            test("reaches all who listen at all interfaces, if it is broadcast") {
                val listening =
                    List(2) {
                        network.openDatagramChannel().apply {
                            setOption(SO_REUSEPORT, true)
                            configureBlocking(false)
                            bind(at("0.0.0.0", 5000))
                        }
                    }
                val sender = bound(null)
                shouldThrow<SocketException> { sender.send(data("all"), at("255.255.255.255", 5000)) }.message shouldBe "Permission denied"
                sender.setOption(SO_BROADCAST, true).send(data("all"), at("255.255.255.255", 5000))
                listening.map { it.next() } shouldContainExactly List(2) { "/127.0.0.1:49152 all" }
                (listening + sender).forEach { it.close() }
                network.openChannels.shouldBeEmpty()
                shouldThrow<ClosedChannelException> { sender.next() }
            }
        }

        test("options keep their values, and others are refused") {
            val socket = network.open()
            socket.getOption(TCP_NODELAY) shouldBe false
            socket.setOption(TCP_NODELAY, true).getOption(TCP_NODELAY) shouldBe true
            socket.getOption(SO_LINGER) shouldBe -1
            shouldThrow<UnsupportedOperationException> { network.openServerSocketChannel().setOption(SO_KEEPALIVE, true) }.message shouldBe
                "'SO_KEEPALIVE' not supported"
            socket.close()
            shouldThrow<IOException> { socket.getOption(TCP_NODELAY) }
        }
    })
