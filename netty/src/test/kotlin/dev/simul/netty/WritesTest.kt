// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.netty.buffer.ByteBuf
import io.netty.buffer.Unpooled
import io.netty.channel.ChannelFuture
import io.netty.channel.ChannelFutureListener
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.ChannelOption
import io.netty.channel.DefaultFileRegion
import io.netty.channel.WriteBufferWaterMark
import io.netty.channel.socket.SocketChannel
import java.io.ByteArrayOutputStream
import java.io.IOException
import java.nio.channels.ClosedChannelException
import java.nio.channels.NotYetConnectedException
import kotlin.io.path.createTempFile
import kotlin.io.path.deleteExisting
import kotlin.io.path.writeBytes
import kotlin.random.Random

/** What Netty's tests ask of writes. */
class WritesTest :
    FunSpec({
        test("buffers of all kinds that are written together arrive in their order, and are released") {
            onLoop {
                val received = Bytes()
                val server = serve { listOf(received) }
                val channel = connect(server, Recorder())
                val bytes = Random(1).nextBytes(40_000)
                val buffers = ArrayList<ByteBuf>()
                for ((number, part) in bytes.toList().chunked(997).withIndex()) {
                    val array = part.toByteArray()
                    buffers +=
                        when (number % 4) {
                            0 -> channel.alloc().directBuffer().writeBytes(array)
                            1 -> channel.alloc().heapBuffer().writeBytes(array)
                            2 -> Unpooled.wrappedBuffer(array)
                            else -> composite(array)
                        }
                }
                val writes = buffers.map { channel.write(it) }
                writes.none { it.isDone } shouldBe true
                channel.flush()
                writes.forEach { await(it) }
                until { received.size == bytes.size }
                received.toByteArray() shouldBe bytes
                buffers.map { it.refCnt() }.toSet() shouldBe setOf(0)
                await(channel.close())
                await(server.close())
            }
        }

        test("a composite buffer that goes out in parts is not mixed up") {
            onLoop {
                val received = Bytes()
                val server =
                    serve(configure = { childOption(ChannelOption.SO_RCVBUF, 4_096).childOption(ChannelOption.AUTO_READ, false) }) {
                        listOf(received)
                    }
                val connecting = client { listOf(Recorder()) }.option(ChannelOption.SO_SNDBUF, 4_096).connect(server.localAddress())
                await(connecting)
                val bytes = Random(2).nextBytes(1_000_000)
                val written = connecting.channel().writeAndFlush(composite(bytes, 10_007))
                until { received.context != null }
                written.isDone shouldBe false
                received.context!!.channel().config().isAutoRead = true
                await(written)
                until { received.size == bytes.size }
                received.toByteArray() shouldBe bytes
                await(connecting.channel().close())
                await(server.close())
            }
        }

        test("a write that is cancelled before it is flushed is not sent") {
            onLoop {
                val received = Recorder()
                val server = serve { listOf(received) }
                val channel = connect(server, Recorder())
                val buffers = List(5) { bytes("$it") }
                val writes = buffers.map { channel.write(it) }
                writes[0].cancel(false) shouldBe true
                writes[3].cancel(false) shouldBe true
                channel.flush()
                await(writes[4])
                writes[4].cancel(false) shouldBe false
                until { received.byteCount == 3L }
                received.text.toString() shouldBe "124"
                buffers.map { it.refCnt() }.toSet() shouldBe setOf(0)
                await(channel.close())
                await(server.close())
            }
        }

        test("a write without a promise") {
            onLoop {
                val received = Recorder()
                val server = serve { listOf(received) }
                val channel = connect(server, Recorder())
                channel.write(bytes("a"), channel.voidPromise())
                channel.writeAndFlush(bytes("b"), channel.voidPromise())
                until { received.text.toString() == "ab" }
                await(channel.close())
                await(server.close())
            }
        }

        test("a listener of a write that writes again is served, and one that closes fails the writes behind it") {
            onLoop {
                val received = Recorder()
                val server = serve { listOf(received) }
                val channel = connect(server, Recorder())
                channel.write(bytes("a"))
                channel.write(bytes("b")).addListener { channel.writeAndFlush(bytes("c")) }
                channel.flush()
                until { received.text.toString() == "abc" }

                val writes = ArrayList<ChannelFuture>()
                writes += channel.write(Unpooled.wrappedBuffer(ByteArray(1_000_000))).addListener(ChannelFutureListener.CLOSE)
                repeat(2) {
                    writes += channel.write(Unpooled.wrappedBuffer(ByteArray(8_000_000)))
                    channel.flush()
                }
                await(writes[0])
                shouldThrow<IOException> { await(writes[1]) }
                shouldThrow<IOException> { await(writes[2]) }
                await(server.close())
            }
        }

        test("a write before the connection fails, and the channel can still be connected") {
            onLoop {
                val received = Recorder()
                val server = serve { listOf(received) }
                val registering = client { listOf(Recorder()) }.register()
                await(registering)
                val channel = registering.channel()
                shouldThrow<NotYetConnectedException> { await(channel.writeAndFlush(bytes("early"))) }
                await(channel.connect(server.localAddress()))
                await(channel.writeAndFlush(bytes("in time")))
                until { received.text.toString() == "in time" }
                await(channel.close())
                await(server.close())
            }
        }

        test("after its output was shut down, a channel refuses writes and still reads") {
            onLoop {
                val accepted = Recorder()
                val server = serve(configure = { childOption(ChannelOption.ALLOW_HALF_CLOSURE, true) }) { listOf(accepted) }
                val recorder = Recorder()
                val channel = connect(server, recorder) as SocketChannel
                channel.config().writeBufferWaterMark = WriteBufferWaterMark(2, 4)
                await(channel.shutdownOutput())
                channel.isOutputShutdown shouldBe true
                channel.isActive shouldBe true
                shouldThrow<IOException> { await(channel.writeAndFlush(bytes("too late"))) }
                recorder.filter { "writable" in it } shouldBe emptyList()
                until { "end of input" in accepted }
                accepted.context.writeAndFlush(bytes("answer"))
                until { recorder.text.toString() == "answer" }
                await(channel.close())
                shouldThrow<ClosedChannelException> { await(channel.shutdownOutput()) }
                shouldThrow<ClosedChannelException> { await(channel.shutdownInput()) }
                await(server.close())
            }
        }

        test("a region that is longer than its file fails, and what there was has gone out") {
            onLoop {
                val file = createTempFile().apply { writeBytes(ByteArray(1_000)) }
                val received = Recorder()
                val server = serve { listOf(received) }
                val channel = connect(server, Recorder())
                shouldThrow<IOException> { await(channel.writeAndFlush(DefaultFileRegion(file.toFile(), 0, 1_001))) }
                await(channel.close())
                await(server.close())
                file.deleteExisting()
            }
        }

        test("a handler that writes as long as the channel takes it, and goes on when it does again") {
            onLoop {
                val most = 4_000_000L
                val received = Recorder()
                val server = serve(configure = { childOption(ChannelOption.SO_RCVBUF, 16_384) }) { listOf(received) }
                val stops = ArrayList<Long>()
                val writer =
                    object : ChannelInboundHandlerAdapter() {
                        var written = 0L

                        fun write(context: ChannelHandlerContext) {
                            while (written < most && context.channel().isWritable) {
                                context.write(Unpooled.wrappedBuffer(ByteArray(10_000)))
                                written += 10_000
                            }
                            stops += written
                            context.flush()
                        }

                        override fun channelActive(context: ChannelHandlerContext) = write(context)

                        override fun channelWritabilityChanged(context: ChannelHandlerContext) {
                            if (context.channel().isWritable) write(context)
                        }
                    }
                val channel = connect(server, writer)
                until { received.byteCount == most }
                (stops.size > 10) shouldBe true
                stops shouldContainExactly stops.sorted()
                await(channel.close())
                await(server.close())
            }
        }
    })

/** The bytes that a channel has received. */
private class Bytes : ChannelInboundHandlerAdapter() {
    private val received = ByteArrayOutputStream()
    var context: ChannelHandlerContext? = null
    val size get() = received.size()

    fun toByteArray(): ByteArray = received.toByteArray()

    override fun handlerAdded(context: ChannelHandlerContext) {
        this.context = context
    }

    override fun channelRead(
        context: ChannelHandlerContext,
        message: Any,
    ) {
        val buffer = message.shouldBeInstanceOf<ByteBuf>()
        buffer.readBytes(received, buffer.readableBytes())
        buffer.release()
    }
}

private fun composite(
    bytes: ByteArray,
    partSize: Int = 100,
): ByteBuf {
    val parts =
        bytes.indices.step(partSize).mapIndexed { number, begin ->
            val size = minOf(partSize, bytes.size - begin)
            (if (number % 2 == 0) Unpooled.directBuffer(size) else Unpooled.buffer(size)).writeBytes(bytes, begin, size)
        }
    return Unpooled.compositeBuffer(parts.size).addComponents(true, parts)
}
