// SPDX-License-Identifier: Apache-2.0
package dev.simul.peers

import dev.simul.createTask
import dev.simul.net.onLoop
import dev.simul.net.port
import dev.simul.net.until
import dev.simul.queues.Queue
import dev.simul.recordReports
import dev.simul.sleep
import dev.simul.streams.LimitOverrunException
import dev.simul.streams.Streams
import dev.simul.streams.openConnection
import dev.simul.transports.BrokenPipeException
import dev.simul.transports.ConnectionException
import dev.simul.transports.ConnectionResetException
import dev.simul.transports.OpenTransports
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.ByteArrayOutputStream
import java.io.File
import java.security.MessageDigest
import java.util.HexFormat
import kotlin.time.Duration.Companion.milliseconds

private const val SIZE = 5_000_000
private const val LARGE = 12_000_000
private const val CHUNK = 64 * 1024
private const val HIGH = 64 * 1024

/** What `asyncio_peer.py` says of one of its conversations. */
private class Conversation(
    private val python: Program,
    private val number: Int,
) {
    suspend fun port(): Int = says("port").toInt()

    suspend fun note(): String = says("note")

    fun noteSoFar(): String? = python.heard { it.startsWith("$number note ") }

    /** What came of it. */
    suspend fun result(): String = says("done")

    private suspend fun says(kind: String): String {
        val line = python.line { it.startsWith("$number $kind ") || it.startsWith("$number failed ") }
        check(kind in line.split(" ", limit = 3)[1]) { "CPython: $line" }
        return line.split(" ", limit = 3)[2]
    }

    fun go() = python.tell("$number go")
}

private class CPython : AutoCloseable {
    private val script =
        File.createTempFile("asyncio_peer", ".py").also { file ->
            file.outputStream().use { CPython::class.java.getResourceAsStream("/peers/asyncio_peer.py")!!.copyTo(it) }
        }
    private val program = Program("python3", script.path)
    private var conversations = 0

    fun begin(
        how: String,
        style: String,
        name: String,
    ): Conversation {
        val number = ++conversations
        program.tell("$number $how $style $name")
        return Conversation(program, number)
    }

    override fun close() {
        program.close()
        script.delete()
    }
}

/** TCP with CPython's asyncio at the other end; `asyncio_peer.py` has the other half of each conversation. */
class CPythonPeersTest :
    FunSpec({
        extension(Needing.python())

        val python = lazy { CPython() }
        afterSpec { if (python.isInitialized()) python.value.close() }

        /** Has the conversation [name] between us and CPython; whatever is left open is closed. */
        fun converse(
            ours: Style,
            theirs: String,
            weConnect: Boolean,
            name: String,
            block: suspend (End, Conversation) -> Unit,
        ) = onLoop { loop ->
            val reports = loop.recordReports()
            if (weConnect) {
                val conversation = python.value.begin("listen", theirs, name)
                val end = ours.connect(conversation.port())
                try {
                    block(end, conversation)
                } finally {
                    end.transport.abort()
                }
            } else {
                val ends = Queue<End>()
                val server = ours.listen(ends)
                val conversation = python.value.begin("${server.port}", theirs, name)
                try {
                    block(ends.get(), conversation)
                } finally {
                    server.close()
                    server.abortClients()
                }
                server.waitClosed()
            }
            until { OpenTransports[loop].size == 0 }
            reports.shouldBeEmpty()
        }

        suspend fun sendAll(
            end: End,
            data: ByteArray,
        ) {
            for (start in data.indices step CHUNK) {
                end.send(data.copyOfRange(start, minOf(data.size, start + CHUNK)))
                end.transport.writeBufferSize shouldBeLessThanOrEqual HIGH
            }
        }

        for (ours in Style.entries) {
            for (theirs in listOf("streams", "protocol")) {
                for (weConnect in listOf(true, false)) {
                    val direction = if (weConnect) "connect to" else "accept"

                    fun talk(
                        what: String,
                        name: String,
                        block: suspend (End, Conversation) -> Unit,
                    ) = test("our $ours $direction CPython's $theirs: $what") { converse(ours, theirs, weConnect, name, block) }

                    talk("what it echoes, in small, byte by byte and in large, is what was sent", "echo") { end, conversation ->
                        for (text in listOf("hello", "ä€😀", "x".repeat(1000))) {
                            val data = text.encodeToByteArray()
                            end.send(data)
                            end.receive(data.size).decodeToString() shouldBe text
                        }
                        for (byte in pattern(200)) {
                            end.send(byteArrayOf(byte))
                            end.receive(1).single() shouldBe byte
                        }
                        end.smallBuffers()
                        val data = pattern(SIZE)
                        val sending = createTask { sendAll(end, data) }
                        val received = ByteArrayOutputStream()
                        while (received.size() < SIZE) {
                            val part = end.some()
                            check(part.isNotEmpty()) { "ended after ${received.size()} bytes" }
                            received.write(part)
                            sleep(1.milliseconds)
                        }
                        sending.await()
                        received.toByteArray().contentEquals(data) shouldBe true
                        end.transport.writeEof()
                        end.rest().size shouldBe 0
                        conversation.result().toInt() shouldBe SIZE + 5 + 9 + 1000 + 200
                    }

                    talk("it finds its own bytes echoed, however slowly it reads", "ask") { end, conversation ->
                        end.smallBuffers()
                        while (true) {
                            val data = end.some()
                            if (data.isEmpty()) break
                            end.send(data)
                            end.transport.writeBufferSize shouldBeLessThanOrEqual HIGH
                        }
                        end.transport.close()
                        conversation.result() shouldBe "as asked"
                        end.lost().shouldBeNull()
                    }

                    talk("it sends, ends that, and still receives", "send_and_half_close") { end, conversation ->
                        end.send(summary(end.rest()).encodeToByteArray())
                        end.transport.isClosing shouldBe false
                        end.transport.close()
                        conversation.result() shouldBe summary(pattern(100_000))
                    }

                    talk("we send, end that, and still receive", "answer_half_close") { end, conversation ->
                        sendAll(end, pattern(100_000))
                        end.transport.writeEof()
                        shouldThrow<IllegalStateException> { end.transport.write(ByteArray(1)) }
                        end.rest().decodeToString() shouldBe summary(pattern(100_000))
                        conversation.result() shouldBe "answered"
                        end.transport.close()
                        end.lost().shouldBeNull()
                    }

                    talk("both end what they send, and nothing is lost", "half_close_both") { end, conversation ->
                        end.send("from Simul".encodeToByteArray())
                        end.transport.writeEof()
                        end.rest().decodeToString() shouldBe "from Python"
                        conversation.result() shouldBe "from Simul, None"
                        end.transport.close()
                        end.lost().shouldBeNull()
                    }

                    talk("it closes", "close") { end, conversation ->
                        end.receive(3).decodeToString() shouldBe "bye"
                        conversation.result() shouldBe "None"
                        end.some().size shouldBe 0
                        end.transport.close()
                        end.lost().shouldBeNull()
                    }

                    talk("we close, and what was written arrives", "await_close") { end, conversation ->
                        end.send("bye".encodeToByteArray())
                        end.transport.close()
                        conversation.result() shouldBe "bye, None"
                        end.lost().shouldBeNull()
                    }

                    talk("it resets while we read", "reset") { end, conversation ->
                        end.receive(9).decodeToString() shouldBe "soon gone"
                        val reading = createTask { end.some() }
                        conversation.go()
                        shouldThrow<ConnectionResetException> { reading.await() }
                        end.lost().shouldBeInstanceOf<ConnectionResetException>()
                        shouldThrow<ConnectionException> { end.send(ByteArray(1)) }
                        conversation.result() shouldBe "reset"
                    }

                    talk("we reset while it reads", "await_reset") { end, conversation ->
                        end.send("soon gone".encodeToByteArray())
                        conversation.note() shouldBe "soon gone"
                        end.reset()
                        end.lost().shouldBeNull()
                        conversation.result() shouldBe "ConnectionResetError"
                    }

                    talk("while it does not read little is held, and later all arrives", "read_late") { end, conversation ->
                        end.smallBuffers()
                        conversation.note() shouldBe "not reading"
                        val sending =
                            createTask {
                                var most = 0
                                val data = pattern(LARGE)
                                for (start in data.indices step CHUNK) {
                                    end.transport.write(data.copyOfRange(start, minOf(data.size, start + CHUNK)))
                                    most = maxOf(most, end.transport.writeBufferSize)
                                    end.send(ByteArray(0))
                                }
                                end.transport.writeEof()
                                most
                            }
                        until { end.transport.writeBufferSize > HIGH }
                        sending.done() shouldBe false
                        conversation.go()
                        conversation.result() shouldBe summary(pattern(LARGE))
                        sending.await() shouldBeInRange HIGH..HIGH + CHUNK
                    }

                    talk("it never reads, and leaves: whoever waits to write is told", "never_read") { end, conversation ->
                        conversation.note() shouldBe "not reading"
                        val sending =
                            createTask {
                                while (true) {
                                    end.send(ByteArray(CHUNK))
                                    end.transport.writeBufferSize shouldBeLessThanOrEqual HIGH
                                }
                            }
                        until { end.transport.writeBufferSize > HIGH }
                        conversation.go()
                        shouldThrow<ConnectionException> { sending.await() }
                        val lostBy = end.lost()
                        withClue("$lostBy") { (lostBy is ConnectionResetException || lostBy is BrokenPipeException) shouldBe true }
                        end.transport.writeBufferSize shouldBe 0
                        conversation.result() shouldBe "aborted"
                    }

                    talk("while we do not read little is held, and later all is there", "send_much") { end, conversation ->
                        end.smallBuffers()
                        until { end.held > ProtocolEnd.MOST_HELD }
                        repeat(100) { sleep(1.milliseconds) }
                        end.held shouldBeInRange ProtocolEnd.MOST_HELD..ProtocolEnd.MOST_HELD + 256 * 1024
                        conversation.noteSoFar().shouldBeNull()
                        val received = end.rest()
                        end.transport.writeEof()
                        conversation.result() shouldBe summary(received)
                        received.contentEquals(pattern(LARGE)) shouldBe true
                    }

                    talk("it sends one byte now and then", "trickle") { end, conversation ->
                        end.receive(3).decodeToString() shouldBe "dri"
                        end.rest().decodeToString() shouldBe "p\n"
                        end.send("got it".encodeToByteArray())
                        end.transport.close()
                        conversation.result() shouldBe "got it"
                    }
                }
            }
        }

        context("a line that is longer than the limit") {
            /** Talks to CPython's [theirs] through streams. */
            fun streams(
                theirs: String,
                name: String,
                block: suspend (Streams, Conversation) -> Unit,
            ) = onLoop {
                val conversation = python.value.begin("listen", theirs, name)
                val streams = openConnection(LOOPBACK, conversation.port())
                try {
                    block(streams, conversation)
                } finally {
                    streams.writer.transport.abort()
                }
            }

            for (theirs in listOf("streams", "protocol")) {
                test("from CPython's $theirs: fails readline(), and the next one is read") {
                    streams(theirs, "send_long_line") { (reader, writer), conversation ->
                        reader.readline().decodeToString() shouldBe "before\n"
                        shouldThrow<LimitOverrunException> { reader.readline() }
                        val lines = ArrayList<String>()
                        while (!reader.atEof()) {
                            try {
                                lines += reader.readline().decodeToString()
                            } catch (_: LimitOverrunException) {
                                // The line is longer than several limits.
                            }
                        }
                        lines.filter { "x" !in it && it != "\n" }.filter { it.isNotEmpty() } shouldContainExactly listOf("after\n")
                        writer.write("read".encodeToByteArray())
                        writer.close()
                        conversation.result() shouldBe "read"
                    }
                }

                test("from CPython's $theirs: can be read in parts after readuntil()") {
                    streams(theirs, "send_long_line") { (reader, writer), conversation ->
                        val all = StringBuilder()
                        while (!all.endsWith("after\n")) {
                            try {
                                all.append(reader.readuntil().decodeToString())
                            } catch (e: LimitOverrunException) {
                                all.append(reader.readexactly(e.consumed).decodeToString())
                            }
                        }
                        "$all" shouldBe "before\n" + "x".repeat(200_000) + "\nafter\n"
                        reader.read().size shouldBe 0
                        writer.write("read".encodeToByteArray())
                        writer.close()
                        conversation.result() shouldBe "read"
                    }
                }
            }

            test("from us: is too long for CPython as well, which reads the next one") {
                streams("streams", "read_long_line") { (_, writer), conversation ->
                    writer.write("before\n".encodeToByteArray())
                    writer.write(("x".repeat(200_000) + "\nafter\n").encodeToByteArray())
                    writer.writeEof()
                    conversation.result() shouldBe "before too long after"
                }
            }
        }
    })

/** As the script sums up what it has received. */
private fun summary(data: ByteArray): String = "${data.size} " + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(data))
