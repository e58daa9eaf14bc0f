// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.ContextVar
import dev.simul.createFuture
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.ClosedChannelException
import java.nio.channels.Pipe
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

class WatchTest :
    FunSpec({
        fun withPipe(block: suspend (EventLoop, Pipe.SourceChannel, Pipe.SinkChannel) -> Unit) {
            val pipe = Pipe.open()
            pipe.source().use { source -> pipe.sink().use { sink -> runLoop { block(getRunningLoop(), source, sink) } } }
        }

        fun Pipe.SinkChannel.send(text: String) = write(ByteBuffer.wrap(text.encodeToByteArray()))

        fun Pipe.SourceChannel.receive(): String {
            val buffer = ByteBuffer.allocate(100)
            read(buffer)
            return Charsets.UTF_8.decode(buffer.flip()).toString()
        }

        test("a reader is called while there is something to read") {
            withPipe { loop, source, sink ->
                val heard = mutableListOf<String>()
                val done = loop.createFuture<Unit>()
                loop.addReader(source) {
                    heard += source.receive()
                    if (heard.size == 2) done.setResult(Unit)
                }
                sink.send("one")
                while (heard.isEmpty()) sleep(Duration.ZERO)
                sink.send("two")
                done.await()
                heard shouldContainExactly listOf("one", "two")
            }
        }

        test("another reader replaces the first, whose handle is cancelled") {
            withPipe { loop, source, sink ->
                val heard = loop.createFuture<String>()
                val first = loop.addReader(source) { error("replaced") }
                loop.addReader(source) { if (!heard.done()) heard.setResult(source.receive()) }
                first.cancelled() shouldBe true
                sink.send("one")
                heard.await() shouldBe "one"
            }
        }

        test("a reader that is removed is not called, even if it was about to be") {
            withPipe { loop, source, sink ->
                loop.addReader(source) { error("removed") }
                sink.send("one")
                loop.poller.expectNews()
                loop.callSoon { loop.removeReader(source) shouldBe true }
                sleep(Duration.ZERO)
                sleep(Duration.ZERO)
                loop.removeReader(source) shouldBe false
                loop.removeWriter(source) shouldBe false
            }
        }

        test("a writer is called while there is room") {
            withPipe { loop, _, sink ->
                val done = loop.createFuture<Unit>()
                loop.addWriter(sink) { if (loop.removeWriter(sink)) done.setResult(Unit) }
                done.await()
                loop.removeWriter(sink) shouldBe false
            }
        }

        test("a writer that has waited for a connection is called while there is room, too") {
            ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0)).use { listener ->
                SocketChannel.open().use { channel ->
                    channel.configureBlocking(false)
                    channel.connect(listener.localAddress)
                    runLoop {
                        val loop = getRunningLoop()
                        val calls = loop.createFuture<Unit>()
                        var left = 3
                        loop.addWriter(channel) {
                            if (channel.isConnectionPending) channel.finishConnect()
                            if (--left == 0) calls.setResult(Unit)
                        }
                        timeout(30.seconds) { calls.await() }
                    }
                }
            }
        }

        test("a reader runs with the context variables of whoever added it, or with those it is given") {
            withPipe { loop, source, sink ->
                val variable = ContextVar("of the reader", "none")
                variable.set("added")
                val heard = loop.createFuture<String>()
                loop.addReader(source) {
                    loop.removeReader(source)
                    heard.setResult(variable.get())
                }
                variable.set("later")
                sink.send("one")
                heard.await() shouldBe "added"
            }
        }

        test("what a reader throws goes to the exception handler, and it is called again") {
            withPipe { loop, source, sink ->
                val reports = mutableListOf<String?>()
                val twice = loop.createFuture<Unit>()
                loop.exceptionHandler =
                    ExceptionHandler { _, context ->
                        reports += context.exception?.message
                        if (reports.size == 2) {
                            loop.removeReader(source)
                            twice.setResult(Unit)
                        }
                    }
                loop.addReader(source) { error("read it yourself") }
                sink.send("one")
                twice.await()
                reports shouldContainExactly listOf("read it yourself", "read it yourself")
            }
        }

        test("a closed channel is refused, and has no reader to remove") {
            withPipe { loop, source, _ ->
                source.close()
                shouldThrow<ClosedChannelException> { loop.addReader(source) {} }
                loop.removeReader(source) shouldBe false
            }
        }

        test("a closed loop refuses, and has no readers") {
            val pipe = Pipe.open()
            val loop = EventLoop().also { it.close() }
            shouldThrow<IllegalStateException> { loop.addReader(pipe.source()) {} }.message shouldBe "Event loop is closed"
            loop.removeReader(pipe.source()) shouldBe false
            pipe.source().close()
            pipe.sink().close()
        }

        test("a poller that watches no channels says so") {
            val poller =
                object : Poller {
                    override fun poll(timeoutNanos: Long) = Unit

                    override fun wakeup() = Unit

                    override fun close() = Unit
                }
            val pipe = Pipe.open()
            val loop = EventLoop(poller = poller)
            shouldThrow<UnsupportedOperationException> { loop.addReader(pipe.source()) {} }.message shouldContain "NioPoller"
            loop.close()
            pipe.source().close()
            pipe.sink().close()
        }

        test("a loop that is busy with its own callbacks still hears of its channels") {
            withPipe { loop, source, sink ->
                var heard = false
                loop.addReader(source) {
                    loop.removeReader(source)
                    heard = true
                }
                sink.send("one")
                while (!heard) sleep(Duration.ZERO)
            }
        }

        test("closing the loop leaves the user's channels open") {
            val pipe = Pipe.open()
            val loop = EventLoop()
            loop.runUntilComplete { loop.addReader(pipe.source()) {} }
            loop.close()
            pipe.source().isOpen shouldBe true
            pipe.source().close()
            pipe.sink().close()
        }
    })
