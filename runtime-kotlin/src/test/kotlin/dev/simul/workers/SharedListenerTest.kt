// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.Task
import dev.simul.TaskFactory
import dev.simul.TaskOptions
import dev.simul.exceptions.CancelledException
import dev.simul.files.temporaryDirectory
import dev.simul.loop.EventLoop
import dev.simul.net.Listener
import dev.simul.net.ListenerKey
import dev.simul.net.ListenerShares
import dev.simul.net.Server
import dev.simul.net.ServerOptions
import dev.simul.net.createServer
import dev.simul.net.listenerShares
import dev.simul.net.onSockets
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.streams.openUnixConnection
import dev.simul.streams.startUnixServer
import dev.simul.taskFactory
import dev.simul.transports.Protocol
import dev.simul.transports.Transport
import dev.simul.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import java.io.IOException
import java.net.InetSocketAddress
import java.nio.ByteBuffer
import java.nio.channels.ServerSocketChannel
import java.nio.channels.SocketChannel
import java.util.concurrent.ConcurrentLinkedQueue
import kotlin.io.path.exists
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** The supervisor and its worker are one loop here, so that nothing happens between two lines. */
class SharedListenerTest :
    FunSpec({
        test("a connection whose server closes before it was begun goes to another worker") {
            onSockets {
                val crew = SmallCrew(this)
                val first = crew.server("first")
                val client = client(first)
                crew.awaitAccepted()
                first.close()
                val second = crew.server("second")
                client.reads() shouldBe "second"
                second.close()
                crew.close()
            }
        }

        test("a connection whose task cannot be made is closed, and not dealt again") {
            onSockets {
                val reports = recordReports()
                val crew = SmallCrew(this)
                val server = crew.server("never")
                taskFactory =
                    object : TaskFactory {
                        override fun <T> create(
                            loop: EventLoop,
                            coroutine: suspend () -> T,
                            options: TaskOptions,
                        ): Task<T> = throw ArithmeticException("no task")
                    }
                client(server).reads() shouldBe ""
                reports.map { it.exception!!.message } shouldContainExactly listOf("no task")
                taskFactory = null
                server.close()
                crew.close()
            }
        }

        test("a connection that no server has taken is closed with the listener") {
            onSockets {
                val crew = SmallCrew(this)
                val server = crew.server("only")
                val client = client(server)
                crew.awaitAccepted()
                server.close()
                crew.close()
                client.reads() shouldBe ""
            }
        }

        test("a share that is closed gives back what was dealt to it, and takes no more") {
            onSockets {
                val crew = SmallCrew(this)
                val server = crew.server("only")
                val share = crew.worker.shares.single()
                val channels = List(3) { SocketChannel.open() }
                channels.take(2).forEach { share.offer(it) shouldBe true }
                crew.worker.connections shouldBe 2
                server.close()
                share.offer(channels.last()) shouldBe false
                share.accept().shouldBeNull()
                crew.worker.connections shouldBe 0
                crew.close()
                channels.map { it.isOpen } shouldContainExactly listOf(false, false, true)
                channels.last().close()
            }
        }

        test("when the system has no room for connections the supervisor tries again in a second") {
            onSockets {
                val reports = recordReports()
                val crew = SmallCrew(this)
                var attempts = 0
                val listener =
                    object : Listener(ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))) {
                        override fun accept(): SocketChannel? {
                            if (++attempts <= 2) throw IOException("Too many open files")
                            return super.accept()
                        }
                    }
                crew.bindsTo = listener
                val server = crew.server("only")
                val begun = time()
                client(server).reads() shouldBe "only"
                (time() - begun >= 2.seconds) shouldBe true
                reports.map { it.message } shouldContainExactly List(2) { "socket.accept() out of system resource" }
                server.close()
                crew.close()
            }
        }

        test("a share that has as many as may wait gets no more until its server has begun some") {
            onSockets {
                val crew = SmallCrew(this)
                val server = crew.server("only")
                val share = crew.worker.shares.single()
                val channels = List(ListenerShare.MOST_PENDING) { SocketChannel.open() }
                channels.forEach { share.offer(it) shouldBe true }
                val client = client(server)
                repeat(20) { sleep(1.milliseconds) }
                share.pending shouldBe ListenerShare.MOST_PENDING
                channels.forEach { share.accept() shouldBe it }
                client.reads() shouldBe "only"
                channels.forEach { it.close() }
                server.close()
                crew.close()
            }
        }

        test("an address that cannot be bound is so for each worker") {
            onSockets {
                val crew = SmallCrew(this)
                val taken = ServerSocketChannel.open().bind(InetSocketAddress("127.0.0.1", 0))
                val port = (taken.localAddress as InetSocketAddress).port
                shouldThrow<IOException> { createServer("127.0.0.1", port) { saying("never") } }
                taken.close()
                val server = createServer("127.0.0.1", port) { saying("now") }
                client(server).reads() shouldBe "now"
                server.close()
                crew.close()
            }
        }

        test("once the supervisor is closed no worker gets a share") {
            onSockets {
                val crew = SmallCrew(this)
                crew.close()
                shouldThrow<CancelledException> { crew.server("late") }
            }
        }

        test("workers share a Unix domain socket, whose file goes with the listener") {
            val served = ConcurrentLinkedQueue<Int>()
            onSockets {
                temporaryDirectory().use { directory ->
                    val path = directory.resolve("socket")
                    val supervisor =
                        Supervisor(2, QUICK) {
                            startUnixServer(path) { _, writer ->
                                served += currentWorker()!!.id
                                writer.aclose()
                            }
                            sleep(10.minutes)
                        }
                    supervisor.start()
                    supervisor.waitServing()
                    repeat(2) {
                        val (reader, writer) = openUnixConnection(path)
                        reader.read() shouldBe ByteArray(0)
                        writer.aclose()
                    }
                    served shouldContainExactlyInAnyOrder listOf(1, 2)
                    supervisor.replaceAll()
                    path.exists() shouldBe true
                    supervisor.shutdown(Duration.ZERO)
                    path.exists() shouldBe false
                }
            }
        }

        test("each server of a worker at any free port has a listener that all workers' servers of that number share") {
            onSockets {
                val crew = SmallCrew(this)
                val servers = List(3) { crew.server("$it") }
                val ports = servers.map { it.addresses.single() }
                ports.distinct() shouldHaveSize 3
                servers[1].close()
                crew.server("again").addresses.single() shouldBe ports[1]
                crew.close()
            }
        }
    })

/** The loop's own servers have shares of listeners that it deals from itself. */
private class SmallCrew(
    private val loop: EventLoop,
) {
    private val listeners = SharedListeners(loop) {}
    val worker = Worker(1, 1, loop).apply { state = WorkerState.RUNNING }

    /** What is bound instead of the next socket. */
    var bindsTo: Listener? = null

    init {
        loop.listenerShares = ListenerShares { key: ListenerKey, bind -> listeners.share(worker, key) { bindsTo ?: bind(it) } }
    }

    suspend fun server(word: String): Server = loop.createServer("127.0.0.1", 0, ServerOptions()) { saying(word) }

    /** A connection is dealt, and accepted by the server; its task has yet to run. */
    suspend fun awaitAccepted() {
        val share = worker.shares.single()
        while (share.pending == 0) sleep(Duration.ZERO)
        while (share.pending > 0) sleep(Duration.ZERO)
    }

    fun close() = listeners.close().firstOrNull()?.let { throw it }
}

/** Says [word], and hangs up. */
private fun saying(word: String) =
    object : Protocol {
        override fun connectionMade(transport: Transport) {
            transport.write(word.toByteArray())
            transport.close()
        }
    }

private fun client(server: Server): SocketChannel = SocketChannel.open(server.addresses.single())

/** What the server says until it hangs up. */
private suspend fun SocketChannel.reads(): String {
    configureBlocking(false)
    val buffer = ByteBuffer.allocate(100)
    until { read(buffer) < 0 }
    close()
    return String(buffer.array(), 0, buffer.position())
}
