// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.netty.bootstrap.Bootstrap
import io.netty.channel.Channel
import io.netty.channel.ChannelFutureListener
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.ChannelOption
import io.netty.channel.EventLoopGroup
import io.netty.channel.MultiThreadIoEventLoopGroup
import io.netty.channel.nio.NioIoHandler
import io.netty.channel.socket.SocketChannel
import io.netty.channel.socket.nio.NioSocketChannel
import io.netty.util.concurrent.DefaultEventExecutorGroup
import java.io.IOException
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.Socket
import java.net.SocketException
import java.nio.channels.AlreadyConnectedException
import java.nio.channels.NotYetConnectedException
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.time.Duration.Companion.milliseconds

/** What Netty's tests ask of connecting, accepting, closing, and the channels of a group. */
class ConnectionsTest :
    FunSpec({
        test("both ends know the addresses, before the handler hears that the channel is active") {
            onLoop {
                val seen = ArrayList<Pair<Any?, Any?>>()
                val noting =
                    object : ChannelInboundHandlerAdapter() {
                        override fun isSharable() = true

                        override fun channelActive(context: ChannelHandlerContext) {
                            seen += context.channel().localAddress() to context.channel().remoteAddress()
                        }
                    }
                val server = serve { listOf(noting) }
                val registering = client { listOf(noting) }.register()
                await(registering)
                val channel = registering.channel()
                channel.localAddress().shouldBeNull()
                channel.remoteAddress().shouldBeNull()
                await(channel.connect(server.localAddress()))
                until { seen.size == 2 }
                seen shouldContainExactlyInAnyOrder
                    listOf(channel.localAddress() to server.localAddress(), server.localAddress() to channel.localAddress())
                (channel.localAddress() as InetSocketAddress).address shouldBe InetAddress.getByName("127.0.0.1")
                await(channel.close())
                await(server.close())
            }
        }

        test("a channel that is closed as soon as it is connected hears both, in order") {
            onLoop {
                val server = serve { listOf(Recorder()) }
                val recorder = Recorder()
                val connecting = client { listOf(recorder) }.connect(server.localAddress()).addListener(ChannelFutureListener.CLOSE)
                await(connecting)
                await(connecting.channel().closeFuture())
                until { "unregistered" in recorder }
                recorder shouldContainExactly listOf("registered", "active", "inactive", "unregistered")
                await(server.close())
            }
        }

        test("a channel connects once") {
            onLoop {
                val server = serve { listOf(Echo()) }
                val channel = connect(server, Recorder())
                shouldThrow<AlreadyConnectedException> { await(channel.connect(server.localAddress())) }
                await(channel.close())
                await(server.close())
            }
        }

        test("a channel that is not connected has no ends to shut down") {
            onLoop {
                val binding = client { listOf(Recorder()) }.bind("127.0.0.1", 0)
                await(binding)
                val channel = binding.channel() as SocketChannel
                for (shutdown in listOf(channel.shutdownInput(), channel.shutdownOutput())) {
                    val failure = runCatching { await(shutdown) }.exceptionOrNull()
                    (failure is NotYetConnectedException || failure is SocketException) shouldBe true
                }
                await(channel.close())
            }
        }

        test("a read that is asked for before the connection happens after it") {
            onLoop {
                val server =
                    serve {
                        listOf(
                            object : ChannelInboundHandlerAdapter() {
                                override fun channelActive(context: ChannelHandlerContext) {
                                    context.writeAndFlush(bytes("greeting"))
                                }
                            },
                        )
                    }
                val recorder = Recorder()
                val registering = client { listOf(recorder) }.option(ChannelOption.AUTO_READ, false).register()
                await(registering)
                registering.channel().read()
                await(registering.channel().connect(server.localAddress()))
                until { recorder.text.toString() == "greeting" }
                await(registering.channel().close())
                await(server.close())
            }
        }

        test("a server that does not read accepts nobody, until it does") {
            onLoop {
                val accepted = ArrayList<Channel>()
                val server =
                    serve(configure = { option(ChannelOption.AUTO_READ, false) }) {
                        accepted += it
                        listOf(Recorder())
                    }
                val clients = List(3) { connect(server, Recorder()) }
                sleep(20.milliseconds)
                accepted.size shouldBe 0
                server.config().isAutoRead = true
                until { accepted.size == 3 }
                server.config().isAutoRead = false
                val late = connect(server, Recorder())
                sleep(20.milliseconds)
                accepted.size shouldBe 3
                server.read()
                until { accepted.size == 4 }
                for (channel in clients + late) await(channel.close())
                await(server.close())
            }
        }

        test("an accepted channel that is closed by force tells its peer") {
            onLoop {
                val server =
                    serve {
                        listOf(
                            object : ChannelInboundHandlerAdapter() {
                                override fun channelActive(context: ChannelHandlerContext) = context.channel().unsafe().closeForcibly()
                            },
                        )
                    }
                val recorder = Recorder()
                connect(server, recorder)
                until { recorder.isInactive }
                await(server.close())
            }
        }

        test("closing with a time to linger, and shutting down with one, ends the connection in order") {
            onLoop {
                val accepted = ArrayList<Recorder>()
                val server = serve { listOf(Recorder().also(accepted::add)) }
                val closing = connect(server, Recorder()) as SocketChannel
                closing.config().soLinger = 1
                closing.writeAndFlush(bytes("last words"))
                await(closing.close())
                until { accepted.size == 1 && accepted[0].isInactive }
                accepted[0].text.toString() shouldBe "last words"
                accepted[0].error.shouldBeNull()

                val recorder = Recorder()
                val shutting = connect(server, recorder) as SocketChannel
                shutting.config().soLinger = 1
                await(shutting.shutdownOutput())
                until { accepted.size == 2 && accepted[1].isInactive }
                until { recorder.isInactive }
                val both = connect(server, Recorder()) as SocketChannel
                both.config().soLinger = 1
                await(both.shutdown())
                await(both.close())
                await(server.close())
            }
        }

        test("without half-closure, the peer's end of output closes the channel") {
            onLoop {
                val accepted = Recorder()
                val server = serve { listOf(accepted) }
                val peer = toThread { Socket(InetAddress.getByName("127.0.0.1"), server.port) }
                until { "active" in accepted }
                peer.shutdownOutput()
                until { accepted.isInactive }
                accepted shouldNotContain "end of input"
                toThread { peer.use { it.getInputStream().read() } } shouldBe -1
                await(server.close())
            }
        }

        test("a channel leaves its loop in a handler, and goes on in another") {
            val others = MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())
            onLoop {
                val here = Thread.currentThread()
                val threads = ArrayList<Thread>()
                val moving =
                    object : ChannelInboundHandlerAdapter() {
                        override fun channelRead(
                            context: ChannelHandlerContext,
                            message: Any,
                        ) {
                            threads += Thread.currentThread()
                            if (threads.size > 1) {
                                context.writeAndFlush(message)
                                return
                            }
                            context.deregister().addListener {
                                others
                                    .register(
                                        context.channel(),
                                    ).addListener { context.writeAndFlush(message) }
                            }
                        }
                    }
                val server = serve { listOf(moving) }
                val recorder = Recorder()
                val channel = connect(server, recorder)
                await(channel.writeAndFlush(bytes("a")))
                until { recorder.text.toString() == "a" }
                await(channel.writeAndFlush(bytes("b")))
                until { recorder.text.toString() == "ab" }
                threads.map { it === here } shouldContainExactly listOf(true, false)
                await(channel.close())
                await(server.close())
            }
            others.shutdownGracefully(0, 1, SECONDS).sync()
        }

        test("a handler with an executor of its own runs there, also after the channel has moved") {
            val executors = DefaultEventExecutorGroup(1)
            val others = MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())
            onLoop {
                val here = Thread.currentThread()
                val inLoop = ArrayList<Boolean>()
                val echo =
                    object : ChannelInboundHandlerAdapter() {
                        override fun channelRead(
                            context: ChannelHandlerContext,
                            message: Any,
                        ) {
                            inLoop += Thread.currentThread() === here
                            context.writeAndFlush(message)
                        }
                    }
                val accepted = ArrayList<Channel>()
                val server =
                    serve {
                        accepted += it
                        @Suppress("DEPRECATION")
                        it.pipeline().addLast(executors, echo)
                        emptyList()
                    }
                val recorder = Recorder()
                val channel = connect(server, recorder)
                await(channel.writeAndFlush(bytes("a")))
                until { recorder.byteCount == 1L }
                val executor = accepted[0].pipeline().context(echo).executor()
                await(accepted[0].deregister())
                await(others.register(accepted[0]))
                accepted[0].pipeline().context(echo).executor() shouldBe executor
                await(channel.writeAndFlush(bytes("b")))
                until { recorder.byteCount == 2L }
                inLoop shouldContainExactly listOf(false, false)
                await(channel.close())
                await(server.close())
            }
            executors.shutdownGracefully(0, 1, SECONDS).sync()
            others.shutdownGracefully(0, 1, SECONDS).sync()
        }

        test("a channel of a group that has ended is refused, and closed") {
            onLoop {
                val group: EventLoopGroup = eventLoopGroup()
                await(group.shutdownGracefully(0, 0, SECONDS))
                val channel = NioSocketChannel()
                val recorder = Recorder()
                channel.pipeline().addLast(recorder)
                val registering = group.register(channel)
                runCatching { await(registering) }.isFailure shouldBe true
                channel.isOpen shouldBe false
                val failing =
                    Bootstrap().group(group).channel(NioSocketChannel::class.java).handler(Recorder()).connect("127.0.0.1", 1)
                runCatching { await(failing) }.isFailure shouldBe true
                failing.channel().isOpen shouldBe false
            }
        }

        test("a reset while the channel reads is one error, and then the end") {
            onLoop {
                val accepted = Recorder()
                val server = serve { listOf(accepted) }
                val peer = toThread { Socket(InetAddress.getByName("127.0.0.1"), server.port) }
                until { "active" in accepted }
                peer.getOutputStream().write(1)
                until { accepted.byteCount == 1L }
                peer.setSoLinger(true, 0)
                peer.close()
                until { accepted.isInactive }
                (accepted.error is IOException) shouldBe true
                accepted.count { it == "failed" } shouldBe 1
                accepted shouldContain "inactive"
                await(server.close())
            }
        }

        test("a task that a handler schedules after the channel has closed still runs") {
            onLoop {
                val server = serve { listOf(Echo()) }
                val channel = connect(server, Recorder())
                var hasRun = false
                channel.closeFuture().addListener { channel.eventLoop().schedule({ hasRun = true }, 1, MILLISECONDS) }
                await(channel.close())
                until { hasRun }
                await(server.close())
            }
        }
    })
