// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import io.netty.bootstrap.Bootstrap
import io.netty.buffer.ByteBuf
import io.netty.buffer.Unpooled
import io.netty.channel.Channel
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.ChannelOption
import io.netty.channel.socket.DatagramPacket
import io.netty.channel.socket.nio.NioDatagramChannel
import java.net.DatagramSocket
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.PortUnreachableException
import java.nio.channels.ClosedChannelException
import java.nio.channels.UnresolvedAddressException
import java.util.concurrent.TimeUnit.MILLISECONDS

/** What Netty's tests ask of datagrams. */
class DatagramsTest :
    FunSpec({
        test("buffers of all kinds go out whole, from bound channels and from others") {
            onLoop {
                val received = Packets()
                val server = datagrams(received)
                val address = server.localAddress() as InetSocketAddress
                val bound = datagrams(Packets())
                val registering = unbound().register()
                await(registering)
                for ((number, sender) in listOf(bound, registering.channel()).withIndex()) {
                    val expected = List(4) { "$number.$it" }
                    val direct = Unpooled.directBuffer().writeBytes(expected[0].toByteArray())
                    val both =
                        Unpooled.compositeBuffer().addComponents(
                            true,
                            Unpooled.directBuffer().writeBytes(expected[3].take(1).toByteArray()),
                            bytes(expected[3].drop(1)),
                        )
                    val parts = Unpooled.wrappedBuffer(bytes(expected[2].take(2)), bytes(expected[2].drop(2)))
                    for (content in listOf(direct, bytes(expected[1]), parts, both)) {
                        await(sender.writeAndFlush(DatagramPacket(content, address)))
                        content.refCnt() shouldBe 0
                    }
                    until { received.texts.size == 4 }
                    received.texts shouldContainExactlyInAnyOrder expected
                    received.texts.clear()
                }
                for (channel in listOf(bound, registering.channel(), server)) await(channel.close())
            }
        }

        test("a packet tells who sent it, and who got it; an answer finds its way") {
            onLoop {
                val questions = Packets()
                val server = datagrams(questions)
                val answers = Packets()
                val client = datagrams(answers)
                await(client.writeAndFlush(DatagramPacket(bytes("question"), server.localAddress() as InetSocketAddress)))
                until { questions.texts.isNotEmpty() }
                questions.senders.single() shouldBe client.localAddress()
                await(server.writeAndFlush(DatagramPacket(bytes("answer"), questions.senders.single())))
                until { answers.texts == listOf("answer") }
                await(client.close())
                await(server.close())
            }
        }

        test("a hundred channels at once") {
            onLoop {
                val received = Packets()
                val channels = List(100) { datagrams(received) }
                val sender = datagrams(Packets())
                for (channel in channels) sender.write(DatagramPacket(bytes("x"), channel.localAddress() as InetSocketAddress))
                sender.flush()
                until { received.texts.size == 100 }
                for (channel in channels + sender) await(channel.close())
            }
        }

        test("who is connected to nobody hears it as an error, and stays open") {
            onLoop {
                val nobody = DatagramSocket(0, InetAddress.getByName("127.0.0.1")).use { it.localPort }
                val packets = Packets()
                val channel = datagrams(packets)
                await(channel.connect(InetSocketAddress("127.0.0.1", nobody)))
                await(channel.writeAndFlush(bytes("is anybody there?")))
                until { packets.error != null }
                (packets.error is PortUnreachableException) shouldBe true
                channel.isOpen shouldBe true
                await(channel.disconnect())
                await(channel.close())
                shouldThrow<ClosedChannelException> { await(channel.writeAndFlush(bytes("late"))) }
            }
        }

        test("a write to nobody fails if the refusal of the one before has come") {
            onLoop {
                val nobody = DatagramSocket(0, InetAddress.getByName("127.0.0.1")).use { it.localPort }
                val bootstrap = Bootstrap().group(eventLoopGroup()).channel(NioDatagramChannel::class.java).handler(Packets())
                val connecting = bootstrap.option(ChannelOption.AUTO_READ, false).connect("127.0.0.1", nobody)
                await(connecting)
                var failure: Throwable? = null
                until {
                    connecting.channel().writeAndFlush(bytes("?")).addListener { failure = failure ?: it.cause() }
                    failure != null
                }
                (failure is PortUnreachableException) shouldBe true
                await(connecting.channel().close())
            }
        }

        test("an address that was not looked up is refused") {
            onLoop {
                val channel = datagrams(Packets())
                val packet = DatagramPacket(bytes("x"), InetSocketAddress.createUnresolved("nowhere.invalid", 1))
                shouldThrow<UnresolvedAddressException> { await(channel.writeAndFlush(packet)) }
                await(channel.close())
            }
        }

        test("a channel that does not read keeps nobody waiting, and reads when it is asked to") {
            onLoop {
                val packets = Packets()
                val channel = datagrams(packets)
                channel.config().isAutoRead = false
                val sender = datagrams(Packets())
                repeat(3) { sender.write(DatagramPacket(bytes("$it"), channel.localAddress() as InetSocketAddress)) }
                sender.flush()
                await(eventLoopGroup().schedule({}, 20, MILLISECONDS))
                packets.texts.size shouldBe 0
                channel.config().isAutoRead = true
                until { packets.texts == listOf("0", "1", "2") }
                await(sender.close())
                await(channel.close())
            }
        }
    })

private class Packets : ChannelInboundHandlerAdapter() {
    val texts = ArrayList<String>()
    val senders = ArrayList<InetSocketAddress>()
    var error: Throwable? = null
        private set

    override fun isSharable() = true

    override fun channelRead(
        context: ChannelHandlerContext,
        message: Any,
    ) {
        val packet = message as DatagramPacket
        val content: ByteBuf = packet.content()
        texts += content.toString(Charsets.UTF_8)
        senders += packet.sender()
        packet.release()
    }

    @Deprecated("Deprecated in Java")
    override fun exceptionCaught(
        context: ChannelHandlerContext,
        cause: Throwable,
    ) {
        error = cause
    }
}

private suspend fun datagrams(handler: Packets): Channel {
    val bound = Bootstrap().group(eventLoopGroup()).channel(NioDatagramChannel::class.java).handler(handler).bind("127.0.0.1", 0)
    await(bound)
    return bound.channel()
}

/** Its channels are active as soon as they are registered. */
@Suppress("DEPRECATION")
private fun unbound(): Bootstrap =
    Bootstrap()
        .group(eventLoopGroup())
        .channel(NioDatagramChannel::class.java)
        .option(ChannelOption.DATAGRAM_CHANNEL_ACTIVE_ON_REGISTRATION, true)
        .handler(Packets())
