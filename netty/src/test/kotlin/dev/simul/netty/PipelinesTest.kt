// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.tls.certificate
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.netty.buffer.ByteBuf
import io.netty.channel.Channel
import io.netty.channel.ChannelDuplexHandler
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.channel.ChannelOption
import io.netty.channel.FixedRecvByteBufAllocator
import io.netty.channel.SimpleChannelInboundHandler
import io.netty.handler.codec.DelimiterBasedFrameDecoder
import io.netty.handler.codec.Delimiters
import io.netty.handler.codec.FixedLengthFrameDecoder
import io.netty.handler.codec.string.StringDecoder
import io.netty.handler.codec.string.StringEncoder
import io.netty.handler.flush.FlushConsolidationHandler
import io.netty.handler.ssl.SslContext
import io.netty.handler.ssl.SslContextBuilder
import io.netty.handler.ssl.SslHandler
import io.netty.handler.ssl.SslProvider
import io.netty.handler.traffic.ChannelTrafficShapingHandler
import java.util.concurrent.Executors
import javax.net.ssl.SSLHandshakeException
import kotlin.random.Random
import kotlin.time.Duration.Companion.milliseconds

/** What Netty's tests ask of pipelines over sockets: frames, TLS, and handlers that keep time. */
class PipelinesTest :
    FunSpec({
        test("frames of one length come back whole, however they were cut") {
            onLoop {
                val sizes = ArrayList<Int>()
                val server =
                    serve(configure = { childOption(ChannelOption.RECVBUF_ALLOCATOR, FixedRecvByteBufAllocator(300)) }) {
                        listOf(FixedLengthFrameDecoder(1_024), Echo())
                    }
                val channel =
                    client {
                        listOf(
                            FixedLengthFrameDecoder(1_024),
                            object : SimpleChannelInboundHandler<ByteBuf>() {
                                override fun channelRead0(
                                    context: ChannelHandlerContext,
                                    message: ByteBuf,
                                ) {
                                    sizes += message.readableBytes()
                                }
                            },
                        )
                    }.connect(server.localAddress()).also { await(it) }.channel()
                val random = Random(3)
                var left = 50 * 1_024
                while (left > 0) {
                    val size = minOf(left, random.nextInt(1, 3_000))
                    channel.writeAndFlush(channel.alloc().buffer(size).writeZero(size))
                    left -= size
                }
                until { sizes.size == 50 }
                sizes.toSet() shouldBe setOf(1_024)
                await(channel.close())
                await(server.close())
            }
        }

        test("lines of text come back, one by one") {
            onLoop {
                val server = serve { lines(EchoOfLines()) }
                val answers = Lines()
                val channel = client { lines(answers) }.connect(server.localAddress()).also { await(it) }.channel()
                val sent = List(200) { "line $it ${"x".repeat(it * 7 % 300)}" }
                for (line in sent) channel.write("$line\n")
                channel.flush()
                until { answers.lines.size == sent.size }
                answers.lines shouldContainExactly sent
                await(channel.close())
                await(server.close())
            }
        }

        for (delegates in listOf(false, true)) {
            test("TLS, whose handshake computes ${if (delegates) "in other threads" else "in the loop"}") {
                val executor = Executors.newFixedThreadPool(2)
                onLoop {
                    fun handler(
                        context: SslContext,
                        channel: Channel,
                    ): SslHandler = if (delegates) context.newHandler(channel.alloc(), executor) else context.newHandler(channel.alloc())
                    val server = serve { listOf(handler(serverTls(), it), Echo()) }
                    val recorder = Recorder()
                    val connecting = client { listOf(handler(clientTls(), it), recorder) }.connect(server.localAddress())
                    await(connecting)
                    val channel = connecting.channel()
                    await(channel.pipeline().get(SslHandler::class.java).handshakeFuture()) shouldBe channel
                    val size = 300_000
                    await(channel.writeAndFlush(channel.alloc().buffer(size).writeZero(size)))
                    until { recorder.byteCount == size.toLong() }
                    await(channel.close())
                    until { recorder.isInactive }
                    await(server.close())
                }
                executor.shutdown()
            }
        }

        test("a greeting that is written as soon as the channel is active arrives through TLS") {
            onLoop {
                val server =
                    serve {
                        listOf(
                            serverTls().newHandler(it.alloc()),
                            object : ChannelInboundHandlerAdapter() {
                                override fun channelActive(context: ChannelHandlerContext) {
                                    context.writeAndFlush(bytes("hello"))
                                }
                            },
                        )
                    }
                val recorder = Recorder()
                val connecting = client { listOf(clientTls().newHandler(it.alloc()), recorder) }.connect(server.localAddress())
                await(connecting)
                until { recorder.text.toString() == "hello" }
                await(connecting.channel().close())
                await(server.close())
            }
        }

        test("a certificate that nobody trusts fails the handshake at both ends") {
            onLoop {
                val accepted = Recorder()
                val server = serve { listOf(serverTls("self-signed").newHandler(it.alloc()), accepted) }
                val recorder = Recorder()
                val connecting = client { listOf(clientTls().newHandler(it.alloc()), recorder) }.connect(server.localAddress())
                await(connecting)
                val tls = connecting.channel().pipeline().get(SslHandler::class.java)
                val failure = tls?.let { runCatching { await(it.handshakeFuture()) }.exceptionOrNull() }
                if (tls != null) failure.shouldBeInstanceOf<SSLHandshakeException>()
                until { recorder.isInactive && accepted.isInactive }
                (accepted.error == null) shouldBe false
                await(server.close())
            }
        }

        test("a connection goes over to TLS after words in plain text") {
            onLoop {
                val server =
                    serve {
                        listOf(
                            *lines(
                                object : SimpleChannelInboundHandler<String>() {
                                    override fun channelRead0(
                                        context: ChannelHandlerContext,
                                        message: String,
                                    ) {
                                        if (message != "STARTTLS") {
                                            context.writeAndFlush("secret $message\n")
                                            return
                                        }
                                        val tls = SslHandler(serverTls().newEngine(context.alloc()), true)
                                        context.pipeline().addFirst(tls)
                                        context.writeAndFlush("go ahead\n")
                                    }
                                },
                            ).toTypedArray(),
                        )
                    }
                val answers = Lines()
                val connecting = client { lines(answers) }.connect(server.localAddress())
                await(connecting)
                val channel = connecting.channel()
                channel.writeAndFlush("STARTTLS\n")
                until { answers.lines.size == 1 }
                channel.pipeline().addFirst(clientTls().newHandler(channel.alloc()))
                channel.writeAndFlush("word\n")
                until { answers.lines.size == 2 }
                answers.lines shouldContainExactly listOf("go ahead", "secret word")
                await(channel.close())
                await(server.close())
            }
        }

        test("a handler that shapes traffic takes its time, by the loop's timers") {
            onLoop {
                val server = serve { listOf(Echo()) }
                val recorder = Recorder()
                val connecting =
                    client { listOf(ChannelTrafficShapingHandler(50_000, 0, 50), recorder) }.connect(server.localAddress())
                await(connecting)
                val begin = time()
                await(connecting.channel().writeAndFlush(connecting.channel().alloc().buffer(10_000).writeZero(10_000)))
                await(connecting.channel().writeAndFlush(connecting.channel().alloc().buffer(10_000).writeZero(10_000)))
                until { recorder.byteCount == 20_000L }
                (time() - begin >= 100.milliseconds) shouldBe true
                await(connecting.channel().close())
                await(server.close())
            }
        }

        test("flushes that are put together go out at the end of the turn") {
            onLoop {
                val received = Recorder()
                val server = serve { listOf(received) }
                val flushes = ArrayList<String>()
                val connecting =
                    client {
                        listOf(
                            object : ChannelDuplexHandler() {
                                override fun flush(context: ChannelHandlerContext) {
                                    flushes += "flush"
                                    context.flush()
                                }
                            },
                            FlushConsolidationHandler(256, true),
                        )
                    }.connect(server.localAddress())
                await(connecting)
                val writes = List(10) { connecting.channel().writeAndFlush(bytes("$it")) }
                writes.last().isDone shouldBe false
                writes.forEach { await(it) }
                until { received.text.toString() == "0123456789" }
                flushes shouldContainExactly listOf("flush")
                await(connecting.channel().close())
                await(server.close())
            }
        }

        test("handlers that come and go while a channel reads hear what is theirs") {
            onLoop {
                val heard = ArrayList<String>()

                fun hearing(name: String) =
                    object : ChannelInboundHandlerAdapter() {
                        override fun handlerAdded(context: ChannelHandlerContext) {
                            heard += "$name is added"
                        }

                        override fun handlerRemoved(context: ChannelHandlerContext) {
                            heard += "$name is removed"
                        }

                        override fun channelRead(
                            context: ChannelHandlerContext,
                            message: Any,
                        ) {
                            heard += "$name reads"
                            if (name == "first") context.pipeline().remove(this)
                            context.fireChannelRead(message)
                        }
                    }
                val accepted = Recorder()
                val server = serve { listOf(hearing("first"), hearing("second"), accepted) }
                val channel = connect(server, Recorder())
                repeat(2) {
                    await(channel.writeAndFlush(bytes("$it")))
                    until { accepted.byteCount == it + 1L }
                }
                heard shouldContainExactly
                    listOf("first is added", "second is added", "first reads", "first is removed", "second reads", "second reads")
                await(channel.close())
                until { "second is removed" in heard }
                heard shouldContain "second is removed"
                await(server.close())
            }
        }
    })

private fun serverTls(name: String = "server"): SslContext =
    SslContextBuilder
        .forServer(certificate("$name.pem").toFile(), certificate("$name.key").toFile())
        .sslProvider(SslProvider.JDK)
        .build()

private fun clientTls(): SslContext =
    SslContextBuilder
        .forClient()
        .sslProvider(SslProvider.JDK)
        .trustManager(certificate("ca.pem").toFile())
        .endpointIdentificationAlgorithm(null)
        .build()

private fun lines(handler: SimpleChannelInboundHandler<String>) =
    listOf(DelimiterBasedFrameDecoder(1_024, *Delimiters.lineDelimiter()), StringDecoder(), StringEncoder(), handler)

private class EchoOfLines : SimpleChannelInboundHandler<String>() {
    override fun channelRead0(
        context: ChannelHandlerContext,
        message: String,
    ) {
        context.writeAndFlush("$message\n")
    }
}

private class Lines : SimpleChannelInboundHandler<String>() {
    val lines = ArrayList<String>()

    override fun channelRead0(
        context: ChannelHandlerContext,
        message: String,
    ) {
        lines += message
    }
}
