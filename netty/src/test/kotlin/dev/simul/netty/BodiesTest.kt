// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.FacadeApi
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.facade.Asyncio
import dev.simul.gather
import dev.simul.interop.bodyOf
import dev.simul.loop.EventLoop
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.netty.buffer.ByteBuf
import io.netty.channel.ChannelHandlerContext
import io.netty.channel.ChannelInboundHandlerAdapter
import io.netty.util.concurrent.BlockingOperationException
import io.netty.util.concurrent.FastThreadLocal
import io.netty.util.internal.ThreadExecutorMap
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.TimeUnit.HOURS
import java.util.concurrent.TimeUnit.MILLISECONDS
import kotlin.time.Duration

/** Java's bodies on each carrier: the loop runs on the stack of whichever awaits, and so do Netty's handlers. */
@OptIn(FacadeApi::class)
class BodiesTest : FunSpec({ Carrier.available().forEach { carrier -> context(carrier.name) { tests(carrier) } } })

@OptIn(FacadeApi::class)
private suspend fun FunSpecContainerScope.tests(carrier: Carrier) {
    fun onCarrier(body: suspend EventLoop.() -> Unit) =
        onLoop {
            this.carrier = carrier
            body()
        }

    test("a body awaits Netty's futures in a straight line") {
        onCarrier {
            val server = serve { listOf(Echo()) }
            bodyOf {
                val recorder = Recorder()
                val connecting = client { listOf(recorder) }.connect(server.localAddress())
                Asyncio.await(connecting)
                val channel = connecting.channel()
                Asyncio.await(channel.writeAndFlush(bytes("hello")))
                while (recorder.byteCount < 5) Asyncio.await(eventLoopGroup().schedule({}, 1, MILLISECONDS))
                recorder.text.toString() shouldBe "hello"
                Asyncio.await(channel.close())
            }.await()
            await(server.close())
        }
    }

    test("whichever thread runs the loop is in the event loop, and no other; nothing is Netty's own thread") {
        onCarrier {
            val group = eventLoopGroup().next()
            val threads = ConcurrentHashMap.newKeySet<Thread>()
            val strays = ArrayList<String>()
            val server = serve { listOf(Echo()) }
            val bodies =
                List(8) { number ->
                    createTask {
                        bodyOf {
                            val answers = Answers(group, threads, strays)
                            val connecting = client { listOf(answers) }.connect(server.localAddress())
                            Asyncio.await(connecting)
                            repeat(80 - 10 * number) {
                                // The last one to await runs the loop, for all others.
                                if (!group.inEventLoop()) strays += "a body"
                                answers.next = CompletableFuture()
                                connecting.channel().writeAndFlush(bytes("x"))
                                Asyncio.await(answers.next)
                            }
                            Asyncio.await(connecting.channel().close())
                        }.await()
                    }
                }
            gather(*bodies.toTypedArray()).await()
            strays.shouldBeEmpty()
            if (carrier != Carrier.PUMPED) threads.size shouldBeGreaterThan 1
            val here = Thread.currentThread()
            threads.filter { it !== here && group.inEventLoop(it) }.shouldBeEmpty()
            group.inEventLoop(here) shouldBe true
            await(server.close())
        }
    }

    test("a thread keeps nothing of Netty's for the next body, and is no thread of Netty's") {
        val local = FastThreadLocal<String>()
        onCarrier {
            val server = serve { listOf(Echo()) }
            repeat(3) {
                bodyOf {
                    FastThreadLocal.size() shouldBe 0
                    local.set("of a body")
                    val answers = Answers(eventLoopGroup().next(), HashSet(), ArrayList())
                    val connecting = client { listOf(answers) }.connect(server.localAddress())
                    Asyncio.await(connecting)
                    connecting.channel().writeAndFlush(bytes("x"))
                    Asyncio.await(answers.next)
                    ThreadExecutorMap.currentExecutor() shouldBe null
                    Asyncio.await(connecting.channel().close())
                }.await()
            }
            await(server.close())
        }
    }

    test("sync() in a body fails at once, and says what to call in debug mode") {
        onCarrier {
            debug = true
            val server = serve { listOf(Echo()) }
            bodyOf {
                val connecting = client { listOf(Recorder()) }.connect(server.localAddress())
                shouldThrow<BlockingOperationException> { connecting.sync() }.message shouldContain "Asyncio.await(future)"
                shouldThrow<BlockingOperationException> { connecting.get() }
                Asyncio.await(connecting)
                connecting.sync() // It is done.
                Asyncio.await(connecting.channel().close())
            }.await()
            await(server.close())
        }
    }

    test("a body that is cancelled while it awaits cancels what it awaits") {
        onCarrier {
            val timer = eventLoopGroup().schedule({}, 1, HOURS)
            val task = createTask { bodyOf { Asyncio.await(timer) }.await() }
            sleep(Duration.ZERO)
            sleep(Duration.ZERO)
            task.cancel()
            shouldThrow<CancelledException> { task.await() }
            timer.isCancelled shouldBe true
        }
    }
}

/** Completes a future for each answer, and notes in which thread it came. */
private class Answers(
    private val group: io.netty.channel.IoEventLoop,
    private val threads: MutableSet<Thread>,
    private val strays: MutableList<String>,
) : ChannelInboundHandlerAdapter() {
    @Volatile
    var next = CompletableFuture<Void?>()

    override fun channelRead(
        context: ChannelHandlerContext,
        message: Any,
    ) {
        (message as ByteBuf).release()
        threads += Thread.currentThread()
        if (!group.inEventLoop() || !group.inEventLoop(Thread.currentThread())) strays += "a handler"
        next.complete(null)
    }
}
