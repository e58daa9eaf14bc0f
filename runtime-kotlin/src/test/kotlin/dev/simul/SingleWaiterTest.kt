// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import dev.simul.net.SocketPair
import dev.simul.net.createServer
import dev.simul.net.createTransport
import dev.simul.net.onLoop
import dev.simul.net.port
import dev.simul.net.sockRecv
import dev.simul.net.until
import dev.simul.process.createSubprocessExec
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamReaderProtocol
import dev.simul.streams.StreamWriter
import dev.simul.streams.openConnection
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import dev.simul.tls.SslContext
import dev.simul.tls.startTls
import dev.simul.transports.RecordingProtocol
import dev.simul.transports.RecordingTransport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration

class SingleWaiterTest :
    FunSpec({
        /** What a task that runs [body] waits for, in words, when it has been stopped. */
        suspend fun waitOf(body: suspend () -> Unit): String {
            val task = createTask { body() }
            until { "wait_for=" in "$task" }
            val text = task.toString().substringAfter("wait_for=")
            task.cancel()
            wait(listOf(task))
            return text
        }

        loopTest("it is woken once, by whoever comes first") {
            val loop = getRunningLoop()
            val waiter = SingleWaiter(loop, "waiting", "it")
            waiter.wake()
            waiter.wake()
            waiter.wake(IOException("late"))
            waiter.await()
            val failed = SingleWaiter(loop, "waiting", "it")
            failed.wake(IOException("first"))
            failed.wake()
            shouldThrow<IOException> { failed.await() }.message shouldBe "first"
            val cancelled = SingleWaiter(loop, "waiting", "it").also { it.cancel() }
            cancelled.wake()
            cancelled.cancelled() shouldBe true
        }

        test("a deadlock names what a reader waits for") {
            val deadlock = shouldThrow<Deadlock> { runTest { StreamReader().readline() } }
            deadlock.message shouldContain "waits for StreamReader.readuntil of <StreamReader waiter=<Future pending>>"
        }

        loopTest("each way of reading is named") {
            waitOf { StreamReader().read(1) } shouldContain "StreamReader.read of <StreamReader"
            waitOf { StreamReader().read(ByteBuffer.allocate(1)) } shouldContain "StreamReader.read of <StreamReader"
            waitOf { StreamReader().readexactly(3) } shouldContain "StreamReader.readexactly of <StreamReader"
        }

        loopTest("so is a writer that is full, or is to be closed") {
            val reader = StreamReader()
            val protocol = StreamReaderProtocol(reader)
            val writer = StreamWriter(RecordingTransport(), protocol, reader)
            protocol.pauseWriting()
            waitOf { writer.drain() } shouldContain "StreamWriter.drain of <StreamReaderProtocol of $reader"
            waitOf { writer.waitClosed() } shouldContain "shield of StreamWriter.waitClosed of <StreamReaderProtocol"
        }

        test("so is a server") {
            onLoop { loop ->
                val server = loop.createServer("127.0.0.1", 0) { RecordingProtocol() }
                val text = server.toString()
                val (_, writer) = openConnection("127.0.0.1", server.port)
                val serving = createTask { server.serveForever() }
                until { "wait_for=Server.serveForever of $text" in "$serving" }
                server.close()
                until { "wait_for=Server.waitClosed of <Server" in "$serving" }
                writer.close()
                shouldThrow<CancelledException> { serving.await() }
            }
        }

        test("so are channels, handshakes, processes and what is waited for in vain") {
            onLoop { loop ->
                SocketPair().use { pair -> waitOf { loop.sockRecv(pair.near, 1) } shouldBe "readability of ${pair.near}>" }
                SocketPair().use { pair ->
                    val (transport, protocol) = loop.createTransport(pair.near, RecordingProtocol(), null)
                    waitOf {
                        loop.startTls(
                            transport,
                            protocol,
                            SslContext.createDefaultContext(),
                            serverHostname = "a.test",
                        )
                    } shouldContain
                        "startTls of <ChannelTransport"
                }
                val child = createSubprocessExec("sleep", "100")
                waitOf { child.wait() } shouldContain "Process.wait of <ChildTransport pid=${child.pid} running"
                child.kill()
                child.wait()
                val refusing =
                    createTask {
                        val never = loop.createFuture<Unit>()
                        shield(never).let { runCatching { it.await() } }
                        never.await()
                    }
                sleep(Duration.ZERO)
                waitOf { waitFor(refusing, Duration.ZERO) } shouldContain "waitFor of <Task"
                refusing.cancel()
            }
        }
    })
