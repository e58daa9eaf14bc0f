// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.aclosing
import dev.simul.coroutine
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.net.Networks
import dev.simul.net.Server
import dev.simul.net.port
import dev.simul.net.until
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.transports.ConnectionException
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldStartWith
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.IOException
import java.net.ConnectException
import java.net.InetSocketAddress
import java.net.StandardSocketOptions
import java.nio.ByteBuffer
import java.nio.channels.SocketChannel
import kotlin.time.Duration

private const val LOOPBACK = "127.0.0.1"

internal class StreamsTest : StreamsBehaviour(Networks.REAL)

internal class StreamsInMemoryTest : StreamsBehaviour(Networks.MEMORY)

/** What streams do, whatever carries them. */
internal abstract class StreamsBehaviour(
    network: Networks,
) : FunSpec({
        fun onLoop(body: suspend (EventLoop) -> Unit) = network.onLoop { body(this) }

        fun bytes(text: String) = text.encodeToByteArray()

        suspend fun connectTo(server: Server) = openConnection(LOOPBACK, server.port)

        /** Runs [client] on a connection to a server that runs [serve]; then both are closed. */
        fun talk(
            serve: suspend (StreamReader, StreamWriter) -> Unit,
            client: suspend (StreamReader, StreamWriter) -> Unit,
        ) = onLoop {
            val server = startServer(LOOPBACK, 0, clientConnected = serve)
            val (reader, writer) = connectTo(server)
            client(reader, writer)
            writer.close()
            server.aclose()
        }

        suspend fun echo(
            reader: StreamReader,
            writer: StreamWriter,
        ) {
            while (true) {
                val data = reader.read(1000)
                if (data.isEmpty()) break
                writer.write(data)
                writer.drain()
            }
            writer.close()
        }

        test("what one end writes, the other one reads") {
            talk(::echo) { reader, writer ->
                writer.write(bytes("one\n"))
                writer.write(ByteBuffer.wrap(bytes("two\n")))
                writer.writelines(listOf(bytes("three\n"), bytes("four\n")))
                writer.drain()
                List(4) { reader.readline().decodeToString() } shouldContainExactly listOf("one\n", "two\n", "three\n", "four\n")
            }
        }

        test("a buffer is read into, and written out of") {
            talk(
                serve = { reader, writer ->
                    val buffer = ByteBuffer.allocateDirect(7)
                    while (reader.read(buffer) >= 0) {
                        writer.write(buffer.flip())
                        writer.drain()
                        buffer.clear()
                    }
                    writer.close()
                },
            ) { reader, writer ->
                val data = ByteArray(100_000) { (it % 251).toByte() }
                val reading = createTask { reader.readexactly(data.size) }
                writer.write(data)
                reading.await().contentEquals(data) shouldBe true
            }
        }

        test("large amounts cross in both directions, with contents as they were, and little is held in between") {
            val size = 20_000_000
            talk(::echo) { reader, writer ->
                val data = ByteArray(size) { (it * 31 % 251).toByte() }
                val writing =
                    createTask {
                        for (start in 0 until size step 100_000) {
                            writer.write(ByteBuffer.wrap(data, start, 100_000))
                            writer.drain()
                            writer.transport.writeBufferSize shouldBeLessThan 64 * 1024 + 1
                        }
                        writer.writeEof()
                    }
                val received = reader.read()
                writing.await()
                received.contentEquals(data) shouldBe true
                reader.atEof() shouldBe true
            }
        }

        test("the end of writing is the end of the other's reading, which can still answer") {
            talk(
                serve = { reader, writer ->
                    val all = reader.read()
                    writer.write(bytes("${all.size} bytes\n"))
                    writer.close()
                },
            ) { reader, writer ->
                writer.canWriteEof() shouldBe true
                writer.write(ByteArray(12345))
                writer.writeEof()
                reader.readline().decodeToString() shouldBe "12345 bytes\n"
                reader.readline().decodeToString() shouldBe ""
            }
        }

        test("a connection that is refused says to whom") {
            onLoop {
                val server = startServer(LOOPBACK, 0) { _, _ -> }
                val port = server.port
                server.aclose()
                sleep(Duration.ZERO)
                shouldThrow<ConnectException> { openConnection(LOOPBACK, port) }.message shouldStartWith
                    "Connect call failed for /127.0.0.1:$port"
            }
        }

        test("many tasks may wait until not too much is unsent") {
            talk(
                serve = { reader, writer ->
                    reader.read()
                    writer.close()
                },
            ) { _, writer ->
                while (writer.transport.writeBufferSize < 100_000) writer.write(ByteArray(100_000))
                val drains = List(10) { createTask { writer.drain() } }
                drains.forEach { it.await() }
                writer.writeEof()
            }
        }

        test("to wait for nothing does not give up the turn") {
            talk(::echo) { _, writer ->
                var other = false
                getRunningLoop().callSoon { other = true }
                writer.write(bytes("a"))
                writer.drain()
                other shouldBe false
            }
        }

        context("a connection that breaks") {
            /** Runs [client] on a connection whose peer never reads, and can break it. */
            fun withSilentPeer(client: suspend (StreamReader, StreamWriter, reset: () -> Unit) -> Unit) =
                onLoop {
                    val peers = mutableListOf<SocketChannel>()
                    val server =
                        startServer(LOOPBACK, 0) { _, writer ->
                            writer.transport.pauseReading()
                            peers += writer.getExtraInfo("socket") as SocketChannel
                        }
                    val (reader, writer) = connectTo(server)
                    until { peers.isNotEmpty() }
                    client(reader, writer) {
                        peers.single().setOption(StandardSocketOptions.SO_LINGER, 0)
                        server.abortClients()
                    }
                    writer.close()
                    server.close()
                    server.abortClients()
                    server.waitClosed()
                }

            test("fails the one who reads") {
                withSilentPeer { reader, _, reset ->
                    val reading = createTask { reader.readline() }
                    sleep(Duration.ZERO)
                    reset()
                    shouldThrow<ConnectionException> { reading.await() }
                    shouldThrow<ConnectionException> { reader.read(1) }
                }
            }

            test("fails all who wait until not too much is unsent, and whoever does so later") {
                withSilentPeer { _, writer, reset ->
                    while (writer.transport.writeBufferSize < 100_000) writer.write(ByteArray(1_000_000))
                    val drains = List(3) { createTask { writer.drain() } }
                    sleep(Duration.ZERO)
                    reset()
                    drains.forEach { shouldThrow<IOException> { it.await() } }
                    shouldThrow<IOException> { writer.drain() }
                }
            }

            test("fails whoever waits until it is closed, all of them") {
                withSilentPeer { _, writer, reset ->
                    val waiting = List(2) { createTask { writer.waitClosed() } }
                    sleep(Duration.ZERO)
                    reset()
                    waiting.forEach { shouldThrow<ConnectionException> { it.await() } }
                }
            }

            test("does not stop the others who wait if one of them is cancelled") {
                withSilentPeer { _, writer, _ ->
                    val (first, second) = List(2) { createTask { writer.waitClosed() } }
                    sleep(Duration.ZERO)
                    first.cancel()
                    shouldThrow<CancelledException> { first.await() }
                    writer.close()
                    second.await()
                }
            }
        }

        test("a closed writer can be waited for") {
            talk(::echo) { reader, writer ->
                writer.isClosing shouldBe false
                writer.write(bytes("hello"))
                writer.close()
                writer.isClosing shouldBe true
                writer.waitClosed()
                writer.waitClosed()
                reader.read().size shouldBe 0
                shouldThrow<ConnectionException> { writer.drain() }.message shouldBe "Connection lost"
            }
        }

        test("a writer is closed by use and by aclosing") {
            talk(::echo) { _, writer ->
                aclosing(writer) { it.write(bytes("hello")) }
                writer.isClosing shouldBe true
            }
        }

        test("it knows its addresses") {
            talk(::echo) { reader, writer ->
                (writer.getExtraInfo("peername") as InetSocketAddress).hostString shouldBe LOOPBACK
                writer.toString() shouldStartWith "<StreamWriter transport=<ChannelTransport /127.0.0.1:"
                writer.toString() shouldBe "<StreamWriter transport=${writer.transport} reader=$reader>"
                reader.toString() shouldBe "<StreamReader transport=${writer.transport}>"
            }
        }

        context("what a server runs for a connection") {
            test("is a task of its own") {
                onLoop {
                    val tasks = mutableSetOf<Any>()
                    val server =
                        startServer(LOOPBACK, 0) { reader, writer ->
                            tasks += currentTask()!!
                            echo(reader, writer)
                        }
                    gather(
                        List(20) { number ->
                            coroutine {
                                val (reader, writer) = connectTo(server)
                                writer.write(bytes("$number\n"))
                                reader.readline().decodeToString() shouldBe "$number\n"
                                writer.aclose()
                            }
                        },
                    ).await()
                    tasks.size shouldBe 20
                    server.aclose()
                }
            }

            test("closes the connection if it fails, which is reported") {
                onLoop { loop ->
                    val reports = loop.recordReports()
                    val failure = IllegalStateException("cannot serve")
                    val server = startServer(LOOPBACK, 0) { _, _ -> throw failure }
                    val (reader, writer) = connectTo(server)
                    reader.read().size shouldBe 0
                    reports.single().message shouldBe "Unhandled exception in client_connected_cb"
                    reports.single().exception shouldBe failure
                    writer.close()
                    server.aclose()
                }
            }

            test("closes the connection if it is cancelled, which is not reported") {
                onLoop { loop ->
                    val reports = loop.recordReports()
                    val server =
                        startServer(LOOPBACK, 0) { _, _ ->
                            currentTask()!!.cancel()
                            sleep(Duration.INFINITE)
                        }
                    val (reader, writer) = connectTo(server)
                    reader.read().size shouldBe 0
                    reports.shouldBeEmpty()
                    writer.close()
                    server.aclose()
                }
            }

            test("leaves the connection open when it returns") {
                onLoop {
                    val writers = mutableListOf<StreamWriter>()
                    val server = startServer(LOOPBACK, 0) { _, writer -> writers += writer }
                    val (reader, writer) = connectTo(server)
                    until { writers.isNotEmpty() }
                    repeat(10) { sleep(Duration.ZERO) }
                    writers.single().write(bytes("still here\n"))
                    reader.readline().decodeToString() shouldBe "still here\n"
                    writers.single().close()
                    writer.close()
                    server.aclose()
                }
            }
        }

        test("a line over the limit fails, the next one is read") {
            onLoop {
                val server =
                    startServer(LOOPBACK, 0, limit = 100) { reader, writer ->
                        shouldThrow<LimitOverrunException> { reader.readline() }
                        writer.write(reader.readline())
                        writer.close()
                    }
                val (reader, writer) = connectTo(server)
                writer.write(bytes("x".repeat(150) + "\n" + "short\n"))
                reader.readline().decodeToString() shouldBe "short\n"
                writer.close()
                server.aclose()
            }
        }

        test("a reader that is not read from holds no more than twice its limit, and one read's worth") {
            onLoop {
                val readers = mutableListOf<StreamReader>()
                val server = startServer(LOOPBACK, 0, limit = 1000) { reader, _ -> readers += reader }
                val (_, writer) = connectTo(server)
                val writing =
                    createTask {
                        while (true) {
                            writer.write(ByteArray(100_000))
                            writer.drain()
                        }
                    }
                until { writer.transport.writeBufferSize > 64 * 1024 }
                readers.single().toString() shouldStartWith "<StreamReader "
                Regex("\\d+").find(readers.single().toString())!!.value.toInt() shouldBeLessThan 2000 + 256 * 1024 + 1
                writing.cancel()
                shouldThrow<CancelledException> { writing.await() }
                writer.transport.abort()
                server.close()
                server.abortClients()
                server.waitClosed()
            }
        }

        test("a cancelled read loses nothing") {
            talk(
                serve = { reader, writer ->
                    for (line in reader) {
                        writer.write(line)
                        writer.drain()
                    }
                    writer.close()
                },
            ) { reader, writer ->
                val buffer = ByteBuffer.allocate(100)
                repeat(200) { number ->
                    val reading = createTask { if (number % 2 == 0) reader.read(buffer) else reader.readline() }
                    sleep(Duration.ZERO)
                    writer.write(bytes("line $number\n"))
                    repeat(number % 7) { sleep(Duration.ZERO) }
                    reading.cancel()
                    val got = runCatching { reading.await() }
                    if (got.isFailure) {
                        got.exceptionOrNull().shouldBeInstanceOf<CancelledException>()
                        reader.readline().decodeToString() shouldBe "line $number\n"
                    }
                    buffer.clear()
                }
            }
        }
    })
