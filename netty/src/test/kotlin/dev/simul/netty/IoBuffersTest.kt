// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.createTask
import dev.simul.gather
import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeUnique
import io.kotest.matchers.longs.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.netty.buffer.ByteBuf
import io.netty.buffer.ByteBufAllocator
import io.netty.buffer.ByteBufAllocatorMetricProvider
import io.netty.buffer.Unpooled
import io.netty.buffer.UnpooledByteBufAllocator
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.ChannelOption
import io.netty.channel.MultiThreadIoEventLoopGroup
import io.netty.channel.nio.NioIoHandler
import io.netty.util.IllegalReferenceCountException
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.random.Random
import kotlin.time.Duration

/** The buffers that channels on a loop receive into, and their encoders write into. */
class IoBuffersTest :
    FunSpec({
        test("a channel on the loop receives into a buffer of the loop's, which is used again") {
            onLoop {
                val seen = ArrayList<IoBuffer>()
                val server =
                    serve {
                        listOf(
                            object : ChannelInboundHandlerAdapter() {
                                override fun channelRead(
                                    context: ChannelHandlerContext,
                                    message: Any,
                                ) {
                                    seen += (message as ByteBuf).ofLoop()
                                    message.release()
                                }
                            },
                        )
                    }
                val channel = connect(server, Recorder())
                repeat(20) { number ->
                    await(channel.writeAndFlush(Unpooled.wrappedBuffer(ByteArray(1_500))))
                    until { seen.size > number }
                }
                // There are a few sizes that the receiver guesses.
                (seen.distinctBy { System.identityHashCode(it) }.size <= 5) shouldBe true
                await(channel.close())
                await(server.close())
            }
        }

        test("a buffer is new each time, and nobody can use one that was released") {
            onAllocator { allocator ->
                val buffer = allocator.ioBuffer(1_024)
                buffer.capacity() shouldBe 1_024
                buffer.writeLong(42).markWriterIndex()
                buffer.readInt()
                buffer.markReaderIndex()
                val slice = buffer.readRetainedSlice(4)
                buffer.release() shouldBe false
                slice.readInt() shouldBe 42
                slice.release() shouldBe true
                shouldThrow<IllegalReferenceCountException> { buffer.release() }
                shouldThrow<IllegalReferenceCountException> { buffer.writeByte(1) }
                val again = allocator.ioBuffer(1_024)
                again.ofLoop() shouldBeSameInstanceAs buffer.ofLoop()
                again.refCnt() shouldBe 1
                again.readableBytes() shouldBe 0
                again.resetWriterIndex().writerIndex() shouldBe 0
                again.resetReaderIndex().readerIndex() shouldBe 0
                again.writableBytes() shouldBe 1_024
                again.release()
            }
        }

        test("buffers that are held at once have memory of their own") {
            onAllocator { allocator ->
                val random = Random(3)
                val held = ArrayList<Pair<ByteBuf, ByteArray>>()
                val sizes = listOf(64, 80, 496, 512, 1_024, 2_048, 16_384, 65_536)
                repeat(5_000) {
                    if (held.size > 100 || (held.isNotEmpty() && random.nextBoolean())) {
                        val (buffer, expected) = held.removeAt(random.nextInt(held.size))
                        ByteArray(expected.size).also(buffer::readBytes) shouldBe expected
                        buffer.release()
                    } else {
                        val bytes = random.nextBytes(sizes.random(random))
                        held += allocator.ioBuffer(bytes.size).writeBytes(bytes) to bytes
                    }
                }
                held.map { System.identityHashCode(it.first.ofLoop()) }.shouldBeUnique()
                held.forEach { it.first.release() }
            }
        }

        test("a buffer that needs more room moves, and its memory serves the next one") {
            onAllocator { allocator ->
                val buffer = allocator.ioBuffer(512)
                buffer.writeBytes(ByteArray(500) { it.toByte() })
                buffer.writeBytes(ByteArray(100_000) { 7 })
                (buffer.capacity() >= 100_500) shouldBe true
                repeat(500) { buffer.readByte() shouldBe it.toByte() }
                repeat(100_000) { buffer.readByte() shouldBe 7 }
                val memory = usedMemory(allocator)
                buffer.release() shouldBe true
                (usedMemory(allocator) <= memory) shouldBe true
                val next = allocator.ioBuffer(512)
                next.capacity() shouldBe 512
                next.writeBytes(ByteArray(512)).release()
                val shrunk = allocator.ioBuffer(512).capacity(100)
                shrunk.release()
                allocator.ioBuffer(512).apply { capacity() shouldBe 512 }.release()
            }
        }

        test("an encoder's buffer is of Netty's default size, and is used again, unless it had to grow") {
            onAllocator { allocator ->
                val first = allocator.ioBuffer()
                first.capacity() shouldBe 256
                val memory = first.ofLoop()
                first.writeBytes(ByteArray(200)).release()
                val second = allocator.ioBuffer()
                second.ofLoop() shouldBeSameInstanceAs memory
                second.writeBytes(ByteArray(10_000)).release()
                allocator.ioBuffer().apply { capacity() shouldBe 256 }.release()
            }
        }

        test("what another thread releases comes back to the loop") {
            onAllocator { allocator ->
                val buffers = List(64) { allocator.ioBuffer(2_048) }
                toThread { buffers.forEach { it.release() } }
                val before = usedMemory(allocator)
                repeat(20) {
                    val held = List(64) { allocator.ioBuffer(2_048).also { buffer -> buffer.ofLoop() } }
                    toThread { held.forEach { it.release() } }
                }
                (usedMemory(allocator) - before) shouldBe 0
            }
        }

        test("threads that release while the loop receives lose nothing") {
            onLoop {
                val server =
                    serve {
                        listOf(
                            object : ChannelInboundHandlerAdapter() {
                                override fun channelRead(
                                    context: ChannelHandlerContext,
                                    message: Any,
                                ) {
                                    createTask {
                                        val echo =
                                            toThread { context.alloc().buffer().writeBytes(message as ByteBuf).also { message.release() } }
                                        context.writeAndFlush(echo)
                                    }
                                }
                            },
                        )
                    }
                val random = Random(4)
                val clients =
                    List(8) {
                        createTask {
                            val recorder = Recorder()
                            val channel = connect(server, recorder)
                            repeat(50) {
                                val text = "$it of ${random.nextLong()};"
                                recorder.text.clear()
                                await(channel.writeAndFlush(bytes(text)))
                                until(Duration.ZERO) { recorder.text.length == text.length }
                                recorder.text.toString() shouldBe text
                            }
                            await(channel.close())
                        }
                    }
                gather(*clients.toTypedArray()).await()
                await(server.close())
            }
        }

        test("a loop keeps a few megabytes; who needs more gets Netty's") {
            onAllocator { allocator ->
                val before = usedMemory(ByteBufAllocator.DEFAULT)
                val buffers = List(100) { allocator.ioBuffer(65_536) }
                buffers.count { it.isOfLoop } shouldBe 64
                buffers.forEach { it.writeBytes(ByteArray(65_536)).release() }
                (usedMemory(allocator) - usedMemory(ByteBufAllocator.DEFAULT)) shouldBeLessThanOrEqual 4L * 1024 * 1024
                (usedMemory(ByteBufAllocator.DEFAULT) - before) shouldBeLessThanOrEqual 40L * 65_536
            }
        }

        test("other sizes, other threads and all that is not received come from Netty's allocator") {
            onAllocator { allocator ->
                for (size in listOf(0, 1, 63, 100, 1_000, 65_537, 1_000_000)) allocator.ioBuffer(size).checkNettys(size)
                allocator.buffer(1_024).checkNettys(1_024)
                allocator.directBuffer(1_024).apply { isDirect shouldBe true }.checkNettys(1_024)
                allocator.heapBuffer(1_024).apply { isDirect shouldBe false }.checkNettys(1_024)
                allocator.buffer(1).apply { isDirect shouldBe prefersDirect(ByteBufAllocator.DEFAULT) }.release()
                toThread { allocator.ioBuffer(1_024) }.checkNettys(1_024)
            }
        }

        test("an allocator that a program has set stays") {
            onLoop {
                val own = UnpooledByteBufAllocator(true)
                val server = serve { listOf(Echo()) }
                val connecting = client { listOf(Recorder()) }.option(ChannelOption.ALLOCATOR, own).connect(server.localAddress())
                await(connecting)
                connecting.channel().alloc() shouldBeSameInstanceAs own
                await(connecting.channel().close())
                await(server.close())
            }
        }

        test("a channel that has moved to threads of Netty's receives there, and its buffers outlive the loop") {
            val others = MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())
            lateinit var kept: ByteBuf
            onLoop {
                val server = serve { listOf(Echo()) }
                val recorder = Recorder()
                val channel = connect(server, recorder)
                kept = channel.alloc().ioBuffer(1_024).writeLong(42)
                kept.ofLoop()
                await(channel.deregister())
                await(others.register(channel))
                await(channel.writeAndFlush(bytes("hello")))
                until { recorder.byteCount == 5L }
                await(channel.close())
                await(server.close())
                sleep(Duration.ZERO)
            }
            kept.readLong() shouldBe 42
            kept.release() shouldBe true
            others.shutdownGracefully(0, 1, SECONDS).sync()
        }
    })

private fun onAllocator(body: suspend (ByteBufAllocator) -> Unit) =
    onLoop {
        val server = serve { listOf(Echo()) }
        server.alloc() shouldNotBe ByteBufAllocator.DEFAULT
        body(server.alloc())
        await(server.close())
    }

private fun usedMemory(allocator: ByteBufAllocator): Long = (allocator as ByteBufAllocatorMetricProvider).metric().usedDirectMemory()

/** One in a hundred is wrapped, for Netty to notice those that are not released. */
private fun ByteBuf.ofLoop(): IoBuffer = (this as? IoBuffer ?: unwrap()).shouldBeInstanceOf<IoBuffer>()

private val ByteBuf.isOfLoop: Boolean get() = this is IoBuffer || unwrap() is IoBuffer

private fun ByteBuf.checkNettys(size: Int) {
    isOfLoop shouldBe false
    capacity() shouldBe size
    release()
}

private fun prefersDirect(allocator: ByteBufAllocator): Boolean {
    val buffer = allocator.buffer(1)
    return buffer.isDirect.also { buffer.release() }
}
