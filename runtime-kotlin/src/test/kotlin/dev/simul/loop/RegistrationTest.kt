// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.ContextVar
import dev.simul.net.SocketPair
import dev.simul.net.createTransport
import dev.simul.net.onLoop
import dev.simul.net.until
import dev.simul.net.withListener
import dev.simul.recordReports
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.transports.RecordingProtocol
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.ByteBuffer
import java.nio.channels.Pipe
import java.nio.channels.SelectionKey.OP_ACCEPT
import java.nio.channels.SelectionKey.OP_CONNECT
import java.nio.channels.SelectionKey.OP_READ
import java.nio.channels.SelectionKey.OP_WRITE
import java.nio.channels.SocketChannel
import kotlin.time.Duration

class RegistrationTest :
    FunSpec({
        fun withPair(block: suspend (EventLoop, SocketPair) -> Unit) = onLoop { loop -> SocketPair().use { block(loop, it) } }

        test("the callback hears what the channel is ready for, in each turn, as long as that is of interest") {
            withPair { loop, pair ->
                val heard = mutableListOf<Int>()
                val registration = loop.register(pair.near, OP_READ) { heard += it }
                registration.interestOps shouldBe OP_READ
                pair.send("one")
                until { heard.size >= 2 }
                heard.toSet() shouldContainExactly setOf(OP_READ)
                registration.interestOps = 0
                heard.clear()
                repeat(5) { sleep(Duration.ZERO) }
                heard.size shouldBe 0
                registration.interestOps = OP_READ or OP_WRITE
                until { heard.isNotEmpty() }
                heard.first() shouldBe (OP_READ or OP_WRITE)
                registration.close()
            }
        }

        test("a listener and a connecting channel are watched as any other") {
            withListener { listener ->
                onLoop { loop ->
                    val heard = mutableListOf<String>()
                    val accepting =
                        loop.register(listener, OP_ACCEPT) {
                            heard += "accept $it"
                            listener.accept().close()
                        }
                    val channel = SocketChannel.open().also { it.configureBlocking(false) }
                    val isConnected = channel.connect(listener.localAddress)
                    lateinit var connecting: Registration
                    connecting =
                        loop.register(channel, OP_CONNECT) {
                            heard += "connect $it"
                            channel.finishConnect()
                            connecting.interestOps = OP_READ
                        }
                    if (isConnected) connecting.interestOps = OP_READ
                    until { "accept $OP_ACCEPT" in heard && (isConnected || "connect $OP_CONNECT" in heard) }
                    connecting.close()
                    accepting.close()
                    channel.close()
                }
            }
        }

        test("what was ready is not told if it was closed, or lost interest, in the same turn") {
            withPair { loop, pair ->
                val heard = mutableListOf<String>()
                val others = mutableListOf<Registration>()

                fun tell(number: Int) {
                    heard += "$number"
                    others.forEachIndexed { index, it ->
                        if (index == number) return@forEachIndexed
                        if (index % 2 == 0) it.close() else it.interestOps = 0
                    }
                }
                SocketPair().use { second ->
                    SocketPair().use { third ->
                        listOf(pair, second, third).forEachIndexed { index, it ->
                            others += loop.register(it.near, OP_WRITE) { tell(index) }
                        }
                        repeat(3) { sleep(Duration.ZERO) }
                        heard.toSet().size shouldBe 1
                        others.forEach { it.close() }
                    }
                }
            }
        }

        test("after it is closed the channel can be registered again, or be read by others") {
            withPair { loop, pair ->
                var heard = 0
                val first = loop.register(pair.near, OP_WRITE) { heard++ }
                first.isOpen shouldBe true
                first.close()
                first.close()
                first.isOpen shouldBe false
                shouldThrow<IllegalStateException> { first.interestOps = OP_READ }.message shouldContain "register the channel again"
                pair.near.isOpen shouldBe true
                val second = loop.register(pair.near, OP_READ) { heard++ }
                repeat(3) { sleep(Duration.ZERO) }
                heard shouldBe 0
                second.close()
                val read = mutableListOf<String>()
                loop.addReader(pair.near) { read += "reader" }
                pair.send("x")
                until { read.isNotEmpty() }
                loop.removeReader(pair.near)
            }
        }

        test("a channel has one owner") {
            withPair { loop, pair ->
                val registration = loop.register(pair.near, 0) { }
                shouldThrow<IllegalStateException> { loop.register(pair.near, 0) { } }.message shouldContain "is used by $registration"
                shouldThrow<IllegalStateException> { loop.addReader(pair.near) { } }.message shouldContain "is used by $registration"
                registration.close()
                loop.addWriter(pair.near) { }
                shouldThrow<IllegalStateException> { loop.register(pair.near, 0) { } }.message shouldContain "has a reader or writer"
                loop.removeWriter(pair.near)
                val protocol = RecordingProtocol()
                loop.createTransport(pair.near, protocol, null)
                shouldThrow<IllegalStateException> { loop.register(pair.near, 0) { } }.message shouldContain "is used by <ChannelTransport"
                protocol.transport.abort()
            }
        }

        test("operations that the channel does not have are refused, and nothing is watched") {
            withPair { loop, pair ->
                shouldThrow<IllegalArgumentException> {
                    loop.register(
                        pair.near,
                        OP_ACCEPT,
                    ) { }
                }.message shouldContain "has no operations 16"
                loop.register(pair.near, OP_READ) { }.close()
            }
        }

        test("what the callback throws goes to the exception handler, and it is called again") {
            withPair { loop, pair ->
                val reports = loop.recordReports()
                val registration = loop.register(pair.near, OP_WRITE) { throw IOException("callback") }
                until { reports.size >= 2 }
                registration.close()
                reports.first().exception!!.message shouldBe "callback"
            }
        }

        test("it runs with the context variables of whoever registered") {
            val variable = ContextVar("variable", "unset")
            withPair { loop, pair ->
                var heard = ""
                variable.set("task's")
                val registration = loop.register(pair.near, OP_WRITE) { heard = variable.get() }
                variable.set("later")
                until { heard.isNotEmpty() }
                registration.close()
                heard shouldBe "task's"
            }
        }

        test("closing the channel, or the loop, ends it") {
            val pipe = Pipe.open()
            val loop = EventLoop()
            val registration =
                loop.runUntilComplete { loop.register(pipe.source(), OP_READ) { } }
            registration.isOpen shouldBe true
            loop.close()
            registration.isOpen shouldBe false
            registration.close()
            pipe.source().isOpen shouldBe true
            pipe.sink().write(ByteBuffer.allocate(1))
            pipe.source().close()
            pipe.sink().close()
            shouldThrow<IllegalStateException> { loop.register(pipe.source(), OP_READ) { } }.message shouldBe "Event loop is closed"
        }
    })
