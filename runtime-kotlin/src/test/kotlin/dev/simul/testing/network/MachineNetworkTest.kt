// SPDX-License-Identifier: Apache-2.0
package dev.simul.testing.network

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.BindException
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.NoRouteToHostException
import java.net.PortUnreachableException
import java.net.SocketException
import java.net.StandardProtocolFamily.UNIX
import java.net.StandardSocketOptions.SO_BROADCAST
import java.net.UnixDomainSocketAddress
import java.net.UnknownHostException
import java.nio.ByteBuffer
import java.nio.channels.DatagramChannel
import java.nio.channels.SelectionKey
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import dev.simul.run as runLoop

/** Holds everything until the test lets it arrive, in order. */
private class Held : Medium {
    val waiting = ArrayDeque<Pair<String, () -> Unit>>()
    lateinit var there: Direction
    lateinit var back: Direction

    /** Whether each of the segments that arrived was taken. */
    val isTaken = mutableListOf<Boolean>()

    override fun connect(
        there: Direction,
        back: Direction,
    ): Carriers {
        this.there = there
        this.back = back
        return Carriers(carrier(there), carrier(back))
    }

    private fun carrier(direction: Direction) =
        Carrier { segment -> waiting.addLast("${direction.from}: $segment" to { isTaken += direction.deliver(segment) }) }

    override fun send(datagram: Datagram) {
        waiting.addLast("${datagram.from}: $datagram" to datagram::deliver)
    }

    /** Lets arrive what is on its way now; returns what that was. */
    fun arrive(): List<String> =
        List(waiting.size) {
            val (what, deliver) = waiting.removeFirst()
            deliver()
            what
        }

    fun arriveAll() = buildList { while (waiting.isNotEmpty()) addAll(arrive()) }
}

private fun MemoryMachine.tcp(): SocketChannel = openSocketChannel().apply { configureBlocking(false) }

private fun Machine.server(
    port: Int,
    backlog: Int = 10,
): ServerSocketChannel = openServerSocketChannel().apply { configureBlocking(false) }.bind(InetSocketAddress(port), backlog)

private fun MemoryMachine.udp(port: Int): DatagramChannel =
    openDatagramChannel().apply {
        configureBlocking(false)
        setOption(SO_BROADCAST, true)
        bind(InetSocketAddress(port))
    }

private fun Machine.at(port: Int) = InetSocketAddress(address, port)

private fun DatagramChannel.hear(): String? {
    val buffer = ByteBuffer.allocate(100)
    val from = receive(buffer) as InetSocketAddress? ?: return null
    return "${buffer.array().decodeToString(0, buffer.position())} from ${from.hostString}"
}

private fun bytes(text: String) = ByteBuffer.wrap(text.encodeToByteArray())

class MachineNetworkTest :
    FunSpec({
        lateinit var medium: Held
        lateinit var network: MachineNetwork
        lateinit var a: Machine
        lateinit var b: Machine

        beforeTest {
            medium = Held()
            network = MachineNetwork(medium)
            a = network.addMachine("a")
            b = network.addMachine("b", InetAddress.getByName("192.168.0.7"))
        }

        /** Two connected sockets: of a, and of b. */
        fun pair(): Pair<SocketChannel, SocketChannel> =
            b.server(80).use { server ->
                val near = a.tcp().also { it.connect(b.at(80)) }
                medium.arriveAll()
                near.finishConnect() shouldBe true
                near to server.acceptOne()
            }

        context("machines") {
            test("each has addresses, ports, paths and a loopback interface of its own") {
                a.address.hostAddress shouldBe "10.0.0.1"
                val servers = listOf(a.server(80), b.server(80))
                shouldThrow<BindException> { b.openServerSocketChannel().bind(a.at(81)) }
                val here = b.tcp().also { it.connect(InetSocketAddress(InetAddress.getByName("127.0.0.1"), 80)) }
                here.finishConnect() shouldBe true
                servers[0].accept().shouldBeNull()
                servers[1].accept()!!.close()

                val path = UnixDomainSocketAddress.of("/run/service")
                a.openServerSocketChannel(UNIX).bind(path)
                val other = b.openSocketChannel(UNIX).apply { configureBlocking(false) }
                other.connect(path)
                shouldThrow<SocketException> { other.finishConnect() }.message shouldBe "No such file or directory"
                b.openServerSocketChannel(UNIX).bind(path).localAddress shouldBe path
                medium.waiting.size shouldBe 0
            }

            test("all of them know each other's names") {
                runLoop {
                    for (machine in listOf(a, b)) {
                        machine.resolver.getaddrinfo("B").map { it.hostAddress } shouldContainExactly listOf("192.168.0.7")
                        machine.resolver.getnameinfo(a.address) shouldBe "a"
                        machine.resolver.getaddrinfo("localhost").single().isLoopbackAddress shouldBe true
                    }
                    shouldThrow<UnknownHostException> { a.resolver.getaddrinfo("c") }.message shouldBe
                        "c: no host of this name is on <MachineNetwork of a, b>, see its hosts"
                }
            }

            test("a name or an address belongs to one of them alone") {
                shouldThrow<IllegalArgumentException> { network.addMachine("A") }.message shouldBe
                    "there is a machine named A already: give each one a name of its own"
                shouldThrow<IllegalArgumentException> { network.addMachine("c", b.address) }.message shouldBe
                    "the address of c is b/192.168.0.7, which b has: give each machine one of its own"
                shouldThrow<IllegalArgumentException> { network.addMachine("c", InetAddress.getByName("0.0.0.0")) }
            }

            test("by default, everything arrives at once") {
                val plain = MachineNetwork()
                val (one, other) = listOf("one", "other").map(plain::addMachine)
                val server = other.server(80)
                val near = one.tcp().also { it.connect(other.at(80)) }
                near.finishConnect() shouldBe true
                near.localAddress shouldBe InetSocketAddress(one.address, 49_152)
                val far = server.acceptOne()
                far.remoteAddress shouldBe near.localAddress
                near.say("hello")
                far.hear() shouldBe "hello"
                val receiver = other.udp(53)
                one.udp(53).send(bytes("question"), other.at(53)) shouldBe 8
                receiver.hear() shouldBe "question from one"
            }
        }

        context("to connect") {
            test("stays pending while it is on its way, and the server accepts when the client knows") {
                val server = b.server(80)
                val near = a.tcp()
                near.connect(b.at(80)) shouldBe false
                near.finishConnect() shouldBe false
                medium.arrive() shouldContainExactly listOf("a: SYN")
                near.finishConnect() shouldBe false
                server.accept().shouldBeNull()
                medium.arrive() shouldContainExactly listOf("b: SYN-ACK")
                near.finishConnect() shouldBe true
                near.say("early")
                server.accept().shouldBeNull()
                medium.arrive() shouldContainExactly listOf("a: connected", "a: 5 bytes")
                server.acceptOne().hear() shouldBe "early"
            }

            test("is refused where nobody listens, when the answer arrives") {
                val near = a.tcp().also { it.connect(b.at(80)) }
                medium.arrive()
                near.finishConnect() shouldBe false
                medium.arrive() shouldContainExactly listOf("b: RST")
                shouldThrow<ConnectException> { near.finishConnect() }.message shouldBe "Connection refused"
                medium.waiting.size shouldBe 0
            }

            test("times out when the medium gives up, and what comes later is reset") {
                val server = b.server(80)
                val near = a.tcp().also { it.connect(b.at(80)) }
                medium.there.giveUp()
                shouldThrow<ConnectException> { near.finishConnect() }.message shouldBe "Connection timed out"
                medium.arriveAll() shouldContainExactly listOf("a: SYN", "b: SYN-ACK", "a: RST")
                server.accept().shouldBeNull()
            }

            test("has no way to an address that no machine has") {
                val near = a.tcp().also { it.connect(InetSocketAddress("10.9.9.9", 80)) }
                shouldThrow<NoRouteToHostException> { near.finishConnect() }
            }

            test("is withdrawn by closing the socket, wherever it is") {
                val server = b.server(80, backlog = 1)
                for (steps in 0..3) {
                    val near = a.tcp().also { it.connect(b.at(80)) }
                    repeat(steps) { medium.arrive() }
                    near.close()
                    medium.arriveAll()
                    server.accept()?.close()
                }
                val near = a.tcp().also { it.connect(b.at(80)) }
                medium.arriveAll()
                near.finishConnect() shouldBe true
            }

            test("holds a place in the backlog until the client has answered, or the server gives up") {
                val server = b.server(80, backlog = 1)
                val first = a.tcp().also { it.connect(b.at(80)) }
                medium.arrive()
                medium.waiting.clear()
                val back = medium.back
                val second = a.tcp().also { it.connect(b.at(80)) }
                medium.arriveAll() shouldContainExactly listOf("a: SYN")
                back.giveUp()
                medium.arriveAll() shouldContainExactly listOf("b: SYN-ACK", "a: connected")
                second.finishConnect() shouldBe true
                server.acceptOne().remoteAddress shouldBe second.localAddress
                first.finishConnect() shouldBe false
            }

            test("a server that closes resets whoever is about to be connected") {
                val server = b.server(80)
                val near = a.tcp().also { it.connect(b.at(80)) }
                repeat(2) { medium.arrive() }
                near.finishConnect() shouldBe true
                server.close()
                medium.arriveAll()
                shouldThrow<SocketException> { near.hear() }.message shouldBe "Connection reset"
            }
        }

        context("an established connection") {
            test("whose sender gives up fails there with a timeout, and resets what still comes") {
                val (near, far) = pair()
                near.say("lost")
                medium.waiting.clear()
                medium.there.giveUp()
                shouldThrow<SocketException> { near.hear() }.message shouldBe "Connection timed out"
                shouldThrow<IOException> { near.say("more") }.message shouldBe "Broken pipe"
                far.say("answer") shouldBe 6
                medium.arriveAll() shouldContainExactly listOf("b: 6 bytes", "a: RST")
                shouldThrow<SocketException> { far.hear() }.message shouldBe "Connection reset"
            }

            test("may be told of the timeout by a write") {
                val (near, _) = pair()
                medium.there.giveUp()
                shouldThrow<SocketException> { near.say("lost") }.message shouldBe "Connection timed out"
                near.close()
                medium.waiting.size shouldBe 0
            }

            test("splits bytes in order") {
                val (near, far) = pair()
                near.say("abcdef")
                medium.waiting.clear()
                val whole = Segment.Bytes(bytes("abcdef"))
                val (first, rest) = whole.split(1)
                val (second, third) = rest.split(3)
                listOf(first, second, third).map { "$it" } shouldContainExactly listOf("1 bytes", "3 bytes", "2 bytes")
                for (part in listOf(first, second)) medium.there.deliver(part)
                far.hear() shouldBe "abcd"
                medium.there.deliver(third)
                far.hear() shouldBe "ef"
                for (wrong in listOf(0, 6)) shouldThrow<IllegalArgumentException> { whole.split(wrong) }
            }
        }

        context("a machine that is cut off") {
            test("neither says nor hears anything, and its own connections go on") {
                val (near, far) = pair()
                near.say("before")
                a.cutOff()
                near.say("after")
                near.close()
                medium.arriveAll() shouldContainExactly listOf("a: 6 bytes")
                far.hear() shouldBe "before"
                far.say("question")
                medium.isTaken.clear()
                medium.arriveAll() shouldContainExactly listOf("b: room for 6 bytes", "b: 8 bytes")
                medium.isTaken shouldContainExactly listOf(false, false)
                far.hear() shouldBe ""

                val server = a.server(80)
                a.tcp().also { it.connect(a.at(80)) }.finishConnect() shouldBe true
                server.accept()!!.close()
            }

            test("does not answer an attempt to connect") {
                b.server(80)
                b.cutOff()
                val near = a.tcp().also { it.connect(b.at(80)) }
                medium.arriveAll() shouldContainExactly listOf("a: SYN")
                near.finishConnect() shouldBe false
            }

            test("is replaced by one that resets old connections and makes new ones") {
                val (near, far) = pair()
                b.cutOff()
                val again = b.replace()
                again.address shouldBe b.address
                near.say("hello") shouldBe 5
                medium.arriveAll() shouldContainExactly listOf("a: 5 bytes", "b: RST")
                shouldThrow<SocketException> { near.hear() }.message shouldBe "Connection reset"
                far.hear() shouldBe ""

                val server = again.server(80)
                val anew = a.tcp().also { it.connect(b.at(80)) }
                medium.arriveAll()
                anew.finishConnect() shouldBe true
                server.acceptOne().say("welcome")
                medium.arriveAll()
                anew.hear() shouldBe "welcome"
            }

            test("replaced as a client, it resets what the server answers") {
                b.server(80)
                a.tcp().connect(b.at(80))
                medium.arrive()
                a.cutOff()
                a.replace()
                medium.arriveAll() shouldContainExactly listOf("b: SYN-ACK", "a: RST")
            }

            test("is replaced once, and not before it is cut off") {
                shouldThrow<IllegalStateException> {
                    a.replace()
                }.message shouldBe "<Machine a> is at work: cut it off before it is replaced"
                a.cutOff()
                a.replace()
                shouldThrow<IllegalStateException> { a.replace() }.message shouldBe "<Machine a> was replaced already"
            }
        }

        context("datagrams") {
            test("pass through the medium, which may lose or repeat them") {
                val near = a.udp(53)
                val far = b.udp(53)
                near.send(bytes("one"), b.at(53)) shouldBe 3
                far.hear().shouldBeNull()
                medium.arrive() shouldContainExactly listOf("a: datagram of 3 bytes")
                far.hear() shouldBe "one from a"
                near.send(bytes("two"), b.at(53))
                val (_, deliver) = medium.waiting.removeFirst()
                repeat(2) { deliver() }
                List(3) { far.hear() } shouldContainExactly listOf("two from a", "two from a", null)
            }

            test("tell a connected sender that nobody was there, by the medium") {
                val near = a.udp(53)
                near.connect(b.at(54))
                near.write(bytes("anybody?"))
                medium.arriveAll() shouldContainExactly listOf("a: datagram of 8 bytes", "b: datagram of 0 bytes")
                shouldThrow<PortUnreachableException> { near.read(ByteBuffer.allocate(1)) }
            }

            test("reach whichever incarnation is there, and none that is cut off") {
                val near = a.udp(53)
                b.udp(53)
                b.cutOff()
                near.send(bytes("lost"), b.at(53))
                medium.arriveAll()
                val far = b.replace().udp(53)
                near.send(bytes("found"), b.at(53))
                medium.arriveAll()
                List(2) { far.hear() } shouldContainExactly listOf("found from a", null)
                a.cutOff()
                near.send(bytes("silence"), b.at(53)) shouldBe 7
                medium.waiting.size shouldBe 0
            }

            test("are broadcast to all machines") {
                val sockets = listOf(a, b, network.addMachine("c")).map { it.udp(53) }
                sockets[1].send(bytes("all"), InetSocketAddress("255.255.255.255", 53))
                sockets[1].hear() shouldBe "all from b"
                medium.arriveAll().size shouldBe 2
                sockets.map { it.hear() } shouldContainExactly listOf("all from b", null, "all from b")
            }
        }

        test("the selectors of a loop say when one of their channels has become ready, and those of another loop of the machine do not") {
            val (near, far) = pair()
            var ready = 0
            var others = 0
            val selectors = LoopSelectors(b) { ready++ }
            val otherSelectors = LoopSelectors(b) { others++ }
            selectors.openSelector().use { selector ->
                otherSelectors.openSelector().use { other ->
                    far.register(selector, SelectionKey.OP_READ)
                    pair().second.register(other, SelectionKey.OP_READ)
                    near.say("hello")
                    ready shouldBe 0
                    medium.arriveAll()
                    ready shouldBeGreaterThan 0
                    selectors.hasReadyChannels shouldBe true
                    selector.selectNow() shouldBe 1
                    far.hear() shouldBe "hello"
                    selectors.hasReadyChannels shouldBe false
                    ready = 0
                    near.say("again")
                    medium.arriveAll()
                    ready shouldBeGreaterThan 0
                    otherSelectors.hasReadyChannels shouldBe false
                    others shouldBe 0
                }
            }
        }
    })
