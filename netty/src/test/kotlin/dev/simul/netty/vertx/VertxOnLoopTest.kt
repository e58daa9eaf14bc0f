// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.vertx

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.Resolver
import dev.simul.net.resolver
import dev.simul.netty.eventLoopGroup
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.netty.until
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.kotest.matchers.types.shouldNotBeSameInstanceAs
import io.vertx.core.Vertx
import io.vertx.core.VertxOptions
import io.vertx.core.buffer.Buffer
import io.vertx.core.net.NetServer
import java.net.InetAddress
import java.net.UnknownHostException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

class VertxOnLoopTest :
    FunSpec({
        test("there is one for each loop, until it is closed; then there is another") {
            onLoop {
                val first = vertx()
                vertx() shouldBeSameInstanceAs first
                await(first.close())
                val second = vertx()
                second shouldNotBeSameInstanceAs first
                await(second.timer(1))
                await(first.close())
            }
            shouldThrow<IllegalStateException> { vertx() }
        }

        test("it starts no thread but the one that watches its workers, until something blocks") {
            onLoop {
                val before = threads()
                val server = echo(vertx())
                sayHello(vertx(), "127.0.0.1", server.actualPort()) shouldBe "hello"
                (threads() - before).map { it.name } shouldContainExactly listOf("vertx-blocked-thread-checker")
                (threads() - before).all { it.isDaemon } shouldBe true
                await(vertx().executeBlocking { 1 }) shouldBe 1
                (threads() - before).all { it.isDaemon } shouldBe true
            }
        }

        test("run closes it, after the tasks have ended, and leaves no thread") {
            val before = threads()
            var closed: Vertx? = null
            val events = ArrayList<String>()
            runLoop {
                closed = vertx()
                val server = echo(vertx())
                await(vertx().executeBlocking { 1 })
                createTask {
                    try {
                        sleep(1.hours)
                    } finally {
                        events += sayHello(vertx(), "127.0.0.1", server.actualPort())
                    }
                }
                sleep(Duration.ZERO)
            }
            events shouldBe listOf("hello")
            shouldThrow<Exception> { closed!!.createNetClient().connect(1, "127.0.0.1").toCompletionStage().toCompletableFuture().get() }
            await { (threads() - before).isEmpty() }
        }

        test("a loop that is closed with an open Vert.x says so, and closes its channels") {
            val loop = EventLoop()
            val reports = loop.recordReports()
            val server = loop.runUntilComplete { echo(vertx()) }
            loop.close()
            reports
                .map {
                    it.message
                }.single { "Vertx" in it || "vertx" in it } shouldContain "was open when its loop closed: await its close() before"
            reports.map { it.message }.filter { "channel" in it.lowercase() }.size shouldBe 1
            server shouldNotBe null
        }

        test("closing it closes its channels and cancels its timers, and no others of the loop") {
            runTest {
                val group = eventLoopGroup()
                val events = ArrayList<String>()
                vertx().setPeriodic(1_000) { events += "Vert.x" }
                group.scheduleAtFixedRate({ events += "Netty" }, 1, 1, java.util.concurrent.TimeUnit.SECONDS)
                sleep(1.5.seconds)
                await(vertx().close())
                sleep(1.seconds)
                events shouldContainExactly listOf("Vert.x", "Netty", "Netty")
                group.isShuttingDown shouldBe false
            }
        }

        test("with options of its own, it is who made it that closes it") {
            onLoop {
                val reports = recordReports()
                val mine =
                    Vertx
                        .builder()
                        .with(VertxOptions().setEventLoopPoolSize(4))
                        .withTransport(vertxTransport())
                        .build()
                val server = echo(mine)
                sayHello(mine, "127.0.0.1", server.actualPort()) shouldBe "hello"
                await(mine.close())
                reports.shouldBeEmpty()
            }
        }

        test("names are looked up by the loop's resolver") {
            onLoop {
                val asked = ArrayList<String>()
                resolver =
                    Resolver { host ->
                        asked += host
                        listOf(InetAddress.getLoopbackAddress())
                    }
                val server = echo(vertx())
                sayHello(vertx(), "nowhere.invalid", server.actualPort()) shouldBe "hello"
                asked shouldContainExactly listOf("nowhere.invalid")
            }
        }

        test("a name that nobody knows fails the connection with what the resolver says") {
            onLoop {
                resolver = Resolver { throw UnknownHostException("nobody knows it") }
                shouldThrow<UnknownHostException> { await(vertx().createNetClient().connect(1, "nowhere.invalid")) }.message shouldBe
                    "nobody knows it"
            }
        }

        test("what tasks write in one turn goes out at once") {
            onLoop {
                var chunks = 0
                var received = 0
                val server =
                    vertx().createNetServer().connectHandler { socket ->
                        socket.handler {
                            chunks++
                            received += it.length()
                        }
                    }
                await(server.listen(0, "127.0.0.1"))
                val socket = await(vertx().createNetClient().connect(server.actualPort(), "127.0.0.1"))
                val tasks = List(64) { createTask { socket.write("x").let { await(it) } } }
                tasks.forEach { it.await() }
                until { received == 64 }
                chunks shouldBe 1
            }
        }

        test("Vert.x's own await fails at once in its handlers") {
            onLoop {
                val promise = vertx().orCreateContext().promise<Int>()
                var failure: Throwable? = null
                vertx().setTimer(1) { failure = runCatching { promise.future().await() }.exceptionOrNull() }
                until { failure != null } // Which one it is, is up to the version of Vert.x.
            }
        }

        test("a domain socket is refused with a reason") {
            onLoop {
                val failure =
                    shouldThrow<Exception> {
                        await(vertx().createNetClient().connect(io.vertx.core.net.SocketAddress.domainSocketAddress("/tmp/none")))
                    }
                failure.message shouldContain "domain socket"
            }
        }

        test("a connection attempt that is cancelled leaves nothing") {
            onLoop {
                val reports = recordReports()
                val server = echo(vertx())
                repeat(20) { turns ->
                    val task = createTask { sayHello(vertx(), "127.0.0.1", server.actualPort()) }
                    repeat(turns) { sleep(Duration.ZERO) }
                    task.cancel()
                    runCatching { task.await() }.exceptionOrNull().let { it == null || it is CancelledException } shouldBe true
                }
                await(vertx().close())
                reports.shouldBeEmpty()
            }
        }
    })

private suspend fun echo(vertx: Vertx): NetServer {
    val server = vertx.createNetServer().connectHandler { socket -> socket.handler { socket.write(it) } }
    await(server.listen(0, "127.0.0.1"))
    return server
}

private suspend fun sayHello(
    vertx: Vertx,
    host: String,
    port: Int,
): String {
    val client = vertx.createNetClient()
    try {
        val socket = await(client.connect(port, host))
        val answer = getRunningLoop().createFuture<Buffer>()
        socket.handler { if (!answer.done()) answer.setResult(it) }
        await(socket.write("hello"))
        return answer.await().toString()
    } finally {
        await(client.close())
    }
}

private fun threads(): Set<Thread> = Thread.getAllStackTraces().keys.filterTo(HashSet()) { "vert" in it.name }

/** Threads end a moment after they have done their work. */
private fun await(isReached: () -> Boolean) {
    val end = System.nanoTime() + 10_000_000_000
    while (!isReached()) {
        check(System.nanoTime() < end) { "${threads()} are left" }
        Thread.sleep(1)
    }
}
