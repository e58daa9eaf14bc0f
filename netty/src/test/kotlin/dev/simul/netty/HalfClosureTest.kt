// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.toThread
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.netty.buffer.ByteBuf
import io.netty.channel.ChannelFutureListener
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.ChannelOption
import io.netty.channel.FixedRecvByteBufAllocator
import io.netty.channel.socket.ChannelInputShutdownEvent
import io.netty.channel.socket.ChannelInputShutdownReadComplete
import io.netty.channel.socket.ChannelOutputShutdownEvent
import io.netty.channel.socket.SocketChannel
import java.net.InetAddress
import java.net.ServerSocket
import java.util.concurrent.TimeUnit.MILLISECONDS
import kotlin.time.Duration.Companion.milliseconds

/** What Netty's tests ask of connections whose one end has shut down its output. */
class HalfClosureTest :
    FunSpec({
        for (autoRead in listOf(true, false)) {
            test("what was sent before the end is read, and each end is told once, ${if (autoRead) "unasked" else "when asked"}") {
                onLoop {
                    val bytes = 16_384
                    val server =
                        serve {
                            listOf(
                                object : ChannelInboundHandlerAdapter() {
                                    override fun channelActive(context: ChannelHandlerContext) {
                                        context.writeAndFlush(context.alloc().buffer().writeZero(bytes)).addListener(shuttingDownOutput)
                                    }
                                },
                            )
                        }
                    val ends = Ends(closesAtEnd = true)
                    val connecting =
                        client { listOf(ends) }
                            .option(ChannelOption.ALLOW_HALF_CLOSURE, true)
                            .option(ChannelOption.AUTO_READ, autoRead)
                            .option(ChannelOption.RECVBUF_ALLOCATOR, FixedRecvByteBufAllocator(100).maxMessagesPerRead(2))
                            .connect(server.localAddress())
                    await(connecting)
                    connecting.channel().read()
                    await(connecting.channel().closeFuture())
                    ends.byteCount shouldBe bytes
                    ends.events shouldContainExactly listOf("end of input", "all is read")
                    (ends.emptyReads <= 2) shouldBe true
                    await(server.close())
                }
            }
        }

        test("an answer reaches an end that has shut down its output and lingers") {
            onLoop {
                val answered = Ends()
                val server =
                    serve(configure = { childOption(ChannelOption.SO_LINGER, 1) }) {
                        listOf(
                            object : ChannelInboundHandlerAdapter() {
                                override fun channelActive(context: ChannelHandlerContext) {
                                    (context.channel() as SocketChannel).shutdownOutput()
                                }
                            },
                            answered,
                        )
                    }
                val connecting =
                    client {
                        listOf(
                            object : ChannelInboundHandlerAdapter() {
                                override fun userEventTriggered(
                                    context: ChannelHandlerContext,
                                    event: Any,
                                ) {
                                    if (event === ChannelInputShutdownEvent.INSTANCE) {
                                        context.writeAndFlush(context.alloc().buffer().writeZero(16))
                                    }
                                }
                            },
                        )
                    }.option(ChannelOption.ALLOW_HALF_CLOSURE, true).connect(server.localAddress())
                await(connecting)
                until { answered.byteCount == 16 }
                await(connecting.channel().close())
                await(server.close())
            }
        }

        test("a channel that has shut down its output says so, refuses writes, and reads on") {
            onLoop {
                val ends = Ends()
                val listener = ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))
                val connecting =
                    client { listOf(ends) }
                        .option(ChannelOption.AUTO_CLOSE, false)
                        .option(ChannelOption.AUTO_READ, false)
                        .connect(listener.localSocketAddress)
                await(connecting)
                val peer = toThread { listener.accept() }
                peer.getOutputStream().write(ByteArray(100))
                peer.shutdownOutput()
                await((connecting.channel() as SocketChannel).shutdownOutput())
                until { "end of output" in ends.events }
                val late = connecting.channel().writeAndFlush(bytes("late"))
                runCatching { await(late) }.isFailure shouldBe true
                connecting.channel().isOpen shouldBe true
                connecting.channel().config().isAutoRead = true
                until { ends.byteCount == 100 }
                peer.close()
                listener.close()
                await(connecting.channel().close())
            }
        }

        test("a peer that has sent much and is gone is read to its end, also after a pause") {
            onLoop {
                val size = 4_000_000
                val listener = ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))
                val reader =
                    object : ChannelInboundHandlerAdapter() {
                        var byteCount = 0
                        var hasPaused = false
                        var isInactive = false

                        override fun channelActive(context: ChannelHandlerContext) {
                            context.read()
                        }

                        override fun channelRead(
                            context: ChannelHandlerContext,
                            message: Any,
                        ) {
                            byteCount += (message as ByteBuf).readableBytes()
                            message.release()
                        }

                        override fun channelReadComplete(context: ChannelHandlerContext) {
                            if (hasPaused || byteCount < 100_000) {
                                context.read()
                            } else {
                                hasPaused = true
                                context.executor().schedule({ context.read() }, 50, MILLISECONDS)
                            }
                        }

                        override fun channelInactive(context: ChannelHandlerContext) {
                            isInactive = true
                        }
                    }
                val connecting =
                    client { listOf(reader) }
                        .option(ChannelOption.AUTO_READ, false)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, FixedRecvByteBufAllocator(8_192))
                        .connect(listener.localSocketAddress)
                await(connecting)
                toThread {
                    listener.accept().use {
                        it.getOutputStream().write(ByteArray(size))
                        it.shutdownOutput()
                    }
                }
                until(10.milliseconds) { reader.isInactive }
                reader.byteCount shouldBe size
                listener.close()
            }
        }
    })

private val shuttingDownOutput = ChannelFutureListener { (it.channel() as SocketChannel).shutdownOutput() }

/** What a channel hears of its ends. */
private class Ends(
    private val closesAtEnd: Boolean = false,
) : ChannelInboundHandlerAdapter() {
    val events = ArrayList<String>()
    var byteCount = 0
    var emptyReads = 0
    private var bytesOfRead = 0

    override fun channelRead(
        context: ChannelHandlerContext,
        message: Any,
    ) {
        bytesOfRead += (message as ByteBuf).readableBytes()
        byteCount += message.readableBytes()
        message.release()
    }

    override fun channelReadComplete(context: ChannelHandlerContext) {
        if (bytesOfRead == 0) emptyReads++
        bytesOfRead = 0
        if (!context.channel().config().isAutoRead && closesAtEnd) context.read()
    }

    override fun userEventTriggered(
        context: ChannelHandlerContext,
        event: Any,
    ) {
        when (event) {
            ChannelInputShutdownEvent.INSTANCE -> events += "end of input"
            ChannelOutputShutdownEvent.INSTANCE -> events += "end of output"
            ChannelInputShutdownReadComplete.INSTANCE -> {
                events += "all is read"
                if (closesAtEnd) context.close()
            }
        }
    }
}
