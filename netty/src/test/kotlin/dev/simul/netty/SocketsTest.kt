// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.netty.bootstrap.Bootstrap
import io.netty.buffer.ByteBuf
import io.netty.buffer.Unpooled
import io.netty.channel.Channel
import io.netty.channel.ChannelFutureListener
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.ChannelOption
import io.netty.channel.ConnectTimeoutException
import io.netty.channel.DefaultFileRegion
import io.netty.channel.EventLoopGroup
import io.netty.channel.FixedRecvByteBufAllocator
import io.netty.channel.MultiThreadIoEventLoopGroup
import io.netty.channel.WriteBufferWaterMark
import io.netty.channel.local.LocalChannel
import io.netty.channel.nio.NioIoHandler
import io.netty.channel.socket.DatagramPacket
import io.netty.channel.socket.SocketChannel
import io.netty.channel.socket.nio.NioDatagramChannel
import io.netty.channel.socket.nio.NioSocketChannel
import io.netty.handler.timeout.IdleState
import io.netty.handler.timeout.IdleStateEvent
import io.netty.handler.timeout.IdleStateHandler
import io.netty.util.ReferenceCountUtil
import java.io.IOException
import java.lang.management.ManagementFactory
import java.net.ConnectException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.nio.channels.ClosedChannelException
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.io.path.createTempFile
import kotlin.io.path.deleteExisting
import kotlin.io.path.writeBytes
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

/** The cases of Netty's own tests of sockets, with both ends on the loop unless they say otherwise. */
class SocketsTest :
    FunSpec({
        test("an echo, and what happens to a channel in which order") {
            onLoop {
                val server = serve { listOf(Echo()) }
                val recorder = Recorder()
                val channel = connect(server, recorder)
                channel.writeAndFlush(bytes("hello"))
                until { recorder.byteCount == 5L }
                recorder.text.toString() shouldBe "hello"
                await(channel.close())
                until { "unregistered" in recorder }
                recorder shouldContainExactly listOf("registered", "active", "inactive", "unregistered")
                await(server.close())
            }
        }

        test("many connections at once, with messages of all sizes") {
            onLoop {
                val server = serve { listOf(Echo()) }
                val random = Random(1)
                val clients =
                    List(50) {
                        createTask {
                            val recorder = Recorder()
                            val channel = connect(server, recorder)
                            val sizes = List(20) { random.nextInt(1, 5_000) }
                            for (size in sizes) await(channel.writeAndFlush(Unpooled.wrappedBuffer(ByteArray(size))))
                            until { recorder.byteCount == sizes.sum().toLong() }
                            await(channel.close())
                        }
                    }
                gather(*clients.toTypedArray()).await()
                await(server.close())
            }
        }

        test("a big write goes in pieces, and tells when the channel can be written again") {
            onLoop {
                val size = 8 * 1024 * 1024
                val received = Recorder()
                val server =
                    serve(configure = { childOption(ChannelOption.AUTO_READ, false).childOption(ChannelOption.SO_RCVBUF, 16 * 1024) }) {
                        listOf(received)
                    }
                val recorder = Recorder()
                val connecting =
                    client { listOf(recorder) }
                        .option(ChannelOption.SO_SNDBUF, 16 * 1024)
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WriteBufferWaterMark(32 * 1024, 64 * 1024))
                        .connect(server.localAddress())
                await(connecting)
                val channel = connecting.channel()
                val written = channel.writeAndFlush(Unpooled.wrappedBuffer(ByteArray(size)))
                channel.isWritable shouldBe false
                until { "active" in received }
                sleep(20.milliseconds)
                written.isDone shouldBe false
                received.byteCount shouldBe 0
                received.context.channel().config().setAutoRead(true)
                await(written)
                until { received.byteCount == size.toLong() }
                recorder shouldContain "not writable"
                recorder.last() shouldBe "writable"
                channel.isWritable shouldBe true
                await(channel.close())
                await(server.close())
            }
        }

        test("a region of a file goes out whole") {
            onLoop {
                val file = createTempFile().apply { writeBytes(Random(2).nextBytes(3_000_000)) }
                val received = Recorder()
                val server = serve { listOf(received) }
                val channel = connect(server, Recorder())
                await(channel.writeAndFlush(DefaultFileRegion(file.toFile(), 10, 2_999_990)))
                until { received.byteCount == 2_999_990L }
                await(channel.close())
                await(server.close())
                file.deleteExisting()
            }
        }

        test("a channel whose output is shut down still reads, to the end of its input") {
            onLoop {
                val accepted = Recorder()
                val server =
                    serve(configure = { childOption(ChannelOption.ALLOW_HALF_CLOSURE, true) }) { listOf(accepted) }
                val recorder = Recorder()
                val channel = connect(server, recorder) as SocketChannel
                channel.write(bytes("question"))
                channel.flush()
                await(channel.shutdownOutput())
                until { "end of input" in accepted }
                accepted.text.toString() shouldBe "question"
                accepted shouldNotContain "inactive"
                accepted.context.writeAndFlush(bytes("answer")).addListener(ChannelFutureListener.CLOSE)
                until { recorder.isInactive }
                recorder.text.toString() shouldBe "answer"
                await(server.close())
            }
        }

        test("a connection that is refused fails, and its channel is closed") {
            onLoop {
                val port = ServerSocket(0).use { it.localPort }
                val connecting = client { listOf(Recorder()) }.connect("127.0.0.1", port)
                shouldThrow<ConnectException> { await(connecting) }.message shouldContain "$port"
                connecting.channel().isOpen shouldBe false
                await(connecting.channel().closeFuture())
            }
        }

        test("a connection that takes too long fails, and its channel is closed") {
            withFullBacklog { address ->
                onLoop {
                    val connecting =
                        client { listOf(Recorder()) }.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 50).connect(address)
                    shouldThrow<ConnectTimeoutException> { await(connecting) }.message shouldContain "timed out after 50 ms"
                    connecting.channel().isOpen shouldBe false
                }
            }
        }

        test("a connection attempt that is cancelled ends, and closes its channel") {
            withFullBacklog { address ->
                onLoop {
                    val recorder = Recorder()
                    val connecting = client { listOf(recorder) }.connect(address)
                    val waiting = createTask { await(connecting) }
                    sleep(20.milliseconds)
                    waiting.cancel()
                    shouldThrow<CancelledException> { waiting.await() }
                    connecting.isCancelled shouldBe true
                    await(connecting.channel().closeFuture())
                    recorder shouldNotContain "active"
                }
            }
        }

        test("without automatic reading, a channel reads when it is asked to, and once each time") {
            onLoop {
                val received = Recorder()
                val server =
                    serve(configure = {
                        withoutAutoRead().childOption(ChannelOption.RECVBUF_ALLOCATOR, FixedRecvByteBufAllocator(4).maxMessagesPerRead(1))
                    }) { listOf(received) }
                val channel = connect(server, Recorder())
                await(channel.writeAndFlush(bytes("abcdefgh")))
                sleep(20.milliseconds)
                received.text.toString() shouldBe ""
                received.context.read()
                until { received.byteCount > 0 }
                sleep(20.milliseconds)
                received.text.toString() shouldBe "abcd"
                received.context.read()
                until { received.byteCount == 8L }
                received.context.channel().config().setAutoRead(true)
                await(channel.writeAndFlush(bytes("rest")))
                until { received.byteCount == 12L }
                received.context.channel().config().setAutoRead(false)
                await(channel.writeAndFlush(bytes("not read")))
                sleep(20.milliseconds)
                received.byteCount shouldBe 12
                await(channel.close())
                await(received.context.channel().close())
                await(server.close())
            }
        }

        test("automatic reading that is turned off by a read stops after it") {
            onLoop {
                val reads = ArrayList<Int>()
                val server =
                    serve(
                        configure = { childOption(ChannelOption.RECVBUF_ALLOCATOR, FixedRecvByteBufAllocator(1).maxMessagesPerRead(1)) },
                    ) {
                        listOf(
                            object : ChannelInboundHandlerAdapter() {
                                override fun channelRead(
                                    context: ChannelHandlerContext,
                                    message: Any,
                                ) {
                                    reads += (message as ByteBuf).readableBytes()
                                    message.release()
                                    context.channel().config().setAutoRead(false)
                                }
                            },
                        )
                    }
                val channel = connect(server, Recorder())
                await(channel.writeAndFlush(bytes("abc")))
                until { reads.isNotEmpty() }
                sleep(20.milliseconds)
                reads shouldContainExactly listOf(1)
                await(channel.close())
                await(server.close())
            }
        }

        test("a channel that is closed while it flushes fails the writes that are left") {
            onLoop {
                val server = serve(configure = { withoutAutoRead() }) { listOf(Recorder()) }
                val channel = connect(server, Recorder())
                val first = channel.write(bytes("first")).addListener { channel.close() }
                val second = channel.write(Unpooled.wrappedBuffer(ByteArray(8 * 1024 * 1024)))
                channel.flush()
                await(first)
                shouldThrow<IOException> { await(second) }
                channel.isOpen shouldBe false
                await(server.close())
            }
        }

        test("a write after the close fails") {
            onLoop {
                val server = serve { listOf(Recorder()) }
                val channel = connect(server, Recorder())
                await(channel.close())
                shouldThrow<ClosedChannelException> { await(channel.writeAndFlush(bytes("late"))) }
                await(server.close())
            }
        }

        test("a peer that resets the connection is an error of the channel, which is closed") {
            onLoop {
                val accepted = Recorder()
                val server = serve { listOf(accepted) }
                val channel = connect(server, Recorder())
                until { "active" in accepted }
                channel.config().setOption(ChannelOption.SO_LINGER, 0)
                await(channel.close())
                until { accepted.isInactive }
                accepted.error?.shouldBeInstanceOf<IOException>()
                await(server.close())
            }
        }

        test("an exception of a handler goes down the pipeline, and the connection goes on") {
            onLoop {
                val reports = recordReports()
                val accepted = Recorder()
                val server =
                    serve {
                        listOf(
                            object : ChannelInboundHandlerAdapter() {
                                override fun channelRead(
                                    context: ChannelHandlerContext,
                                    message: Any,
                                ) {
                                    ReferenceCountUtil.release(message)
                                    error("broken")
                                }
                            },
                            accepted,
                        )
                    }
                val channel = connect(server, Recorder())
                await(channel.writeAndFlush(bytes("a")))
                until { accepted.error != null }
                accepted.error!!.message shouldBe "broken"
                accepted.isInactive shouldBe false
                reports.shouldBeEmpty()
                await(channel.close())
                await(server.close())
            }
        }

        test("writes from another thread arrive in its order") {
            onLoop {
                val received = Recorder()
                val server = serve { listOf(received) }
                val channel = connect(server, Recorder())
                toThread { repeat(100) { channel.writeAndFlush(bytes("$it,")) } }
                until { received.text.endsWith("99,") }
                received.text.toString() shouldBe (0 until 100).joinToString("") { "$it," }
                await(toThread { channel.close() })
                await(server.close())
            }
        }

        test("idle channels are noticed by the loop's timers") {
            onLoop {
                val events = ArrayList<IdleState>()
                val server = serve { listOf(Recorder()) }
                val connecting =
                    client {
                        listOf(
                            IdleStateHandler(20, 0, 0, MILLISECONDS),
                            object : ChannelInboundHandlerAdapter() {
                                override fun userEventTriggered(
                                    context: ChannelHandlerContext,
                                    event: Any,
                                ) {
                                    events += (event as IdleStateEvent).state()
                                }
                            },
                        )
                    }.connect(server.localAddress())
                await(connecting)
                until { events.size >= 2 }
                events.toSet() shouldBe setOf(IdleState.READER_IDLE)
                await(connecting.channel().close())
                await(server.close())
            }
        }

        test("a channel moves between loops, and is on this one again") {
            val others = MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())
            onLoop {
                val server = serve { listOf(Echo()) }
                val recorder = Recorder()
                val channel = connect(server, recorder)
                await(channel.deregister())
                channel.writeAndFlush(bytes("not yet"))
                channel.isRegistered shouldBe false
                channel.registerOn(others)
                channel.eventLoop().inEventLoop() shouldBe false
                await(channel.writeAndFlush(bytes("one")))
                until { recorder.text.endsWith("one") }
                await(channel.deregister())
                channel.registerOn(eventLoopGroup())
                channel.eventLoop().inEventLoop() shouldBe true
                await(channel.writeAndFlush(bytes("two")))
                until { recorder.text.endsWith("two") }
                await(channel.close())
                await(server.close())
            }
            others.shutdownGracefully(0, 1, SECONDS).sync()
        }

        test("the other end may have threads of its own") {
            val others = MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())
            onLoop {
                val server = serve(others) { listOf(Echo()) }
                val recorder = Recorder()
                val channel = connect(server, recorder)
                repeat(100) { channel.writeAndFlush(bytes("0123456789")) }
                until { recorder.byteCount == 1_000L }
                await(channel.close())
                await(server.close())
            }
            others.shutdownGracefully(0, 1, SECONDS).sync()
        }

        test("datagrams, bound and connected") {
            onLoop {
                val server =
                    datagrams(
                        object : ChannelInboundHandlerAdapter() {
                            override fun channelRead(
                                context: ChannelHandlerContext,
                                message: Any,
                            ) {
                                val packet = message as DatagramPacket
                                context.writeAndFlush(DatagramPacket(packet.content(), packet.sender()))
                            }
                        },
                    )
                val answers = ArrayList<String>()
                val client =
                    datagrams(
                        object : ChannelInboundHandlerAdapter() {
                            override fun channelRead(
                                context: ChannelHandlerContext,
                                message: Any,
                            ) {
                                val packet = message as DatagramPacket
                                answers += packet.content().toString(Charsets.UTF_8)
                                packet.release()
                            }
                        },
                    )
                await(client.writeAndFlush(DatagramPacket(bytes("bound"), server.localAddress() as InetSocketAddress)))
                until { answers.size == 1 }
                await(client.connect(server.localAddress()))
                await(client.writeAndFlush(bytes("connected")))
                until { answers.size == 2 }
                answers shouldContainExactly listOf("bound", "connected")
                await(client.close())
                await(server.close())
            }
        }

        test("a server that is closed accepts no more, and its connections go on") {
            onLoop {
                val server = serve { listOf(Echo()) }
                val recorder = Recorder()
                val channel = connect(server, recorder)
                await(channel.writeAndFlush(bytes("a")))
                until { recorder.byteCount == 1L }
                val address = server.localAddress()
                await(server.close())
                shouldThrow<ConnectException> { await(client { listOf(Recorder()) }.connect(address)) }
                await(channel.writeAndFlush(bytes("b")))
                until { recorder.text.toString() == "ab" }
                await(channel.close())
            }
        }

        test("a channel of another transport is refused by name") {
            onLoop {
                val local = LocalChannel()
                shouldThrow<IllegalStateException> { local.registerOn(eventLoopGroup()) }.message shouldContain "incompatible event loop"
            }
        }

        test("a loop that waits for channels alone turns seldom") {
            onLoop {
                val server = serve { listOf(Echo()) }
                val channel = connect(server, Recorder())
                var turns = 0
                val begin = time()
                val cpu = ManagementFactory.getThreadMXBean()
                val cpuBefore = cpu.currentThreadCpuTime
                while (time() - begin < 100.milliseconds) {
                    sleep(10.milliseconds)
                    turns++
                }
                turns shouldBeGreaterThan 0
                (cpu.currentThreadCpuTime - cpuBefore) shouldBeLessThan 80_000_000L
                await(channel.close())
                await(server.close())
            }
        }
    })

private suspend fun Channel.registerOn(group: EventLoopGroup) = await(group.register(this))

private suspend fun datagrams(handler: ChannelInboundHandlerAdapter): Channel {
    val bound = Bootstrap().group(eventLoopGroup()).channel(NioDatagramChannel::class.java).handler(handler).bind("127.0.0.1", 0)
    await(bound)
    return bound.channel()
}

/** Runs [block] with an address of the loopback interface that completes no connection: nobody accepts there, and the queue is full. */
private fun withFullBacklog(block: (InetSocketAddress) -> Unit) {
    ServerSocket(0, 1, InetAddress.getByName("127.0.0.1")).use { server ->
        val address = InetSocketAddress("127.0.0.1", server.localPort)
        val fillers =
            List(8) {
                java.nio.channels.SocketChannel.open().apply {
                    configureBlocking(false)
                    connect(address)
                }
            }
        try {
            block(address)
        } finally {
            fillers.forEach { it.close() }
        }
    }
}
