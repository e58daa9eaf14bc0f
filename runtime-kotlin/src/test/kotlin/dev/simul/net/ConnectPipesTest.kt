// SPDX-License-Identifier: Apache-2.0
package dev.simul.net

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.ExceptionContext
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.addReader
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamReaderProtocol
import dev.simul.streams.StreamWriter
import dev.simul.timeout
import dev.simul.transports.BrokenPipeException
import dev.simul.transports.BufferedProtocol
import dev.simul.transports.Protocol
import dev.simul.transports.Scratch
import dev.simul.transports.StreamingProtocol
import dev.simul.transports.Transport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.io.InputStream
import java.io.OutputStream
import java.nio.ByteBuffer
import java.nio.channels.Channels
import java.nio.channels.Pipe
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** The two kinds of ends of a pipe: channels that the loop selects, and streams that threads wait in. */
private enum class Ends {
    CHANNELS {
        override suspend fun <P : StreamingProtocol> reading(
            pipe: Pipe,
            factory: () -> P,
        ) = getRunningLoop().connectReadPipe(pipe.source(), factory)

        override suspend fun <P : StreamingProtocol> writing(
            pipe: Pipe,
            factory: () -> P,
        ) = getRunningLoop().connectWritePipe(pipe.sink(), factory)
    },
    STREAMS {
        override suspend fun <P : StreamingProtocol> reading(
            pipe: Pipe,
            factory: () -> P,
        ) = getRunningLoop().connectReadPipe(Channels.newInputStream(pipe.source()), factory)

        override suspend fun <P : StreamingProtocol> writing(
            pipe: Pipe,
            factory: () -> P,
        ) = getRunningLoop().connectWritePipe(Channels.newOutputStream(pipe.sink()), factory)
    }, ;

    abstract suspend fun <P : StreamingProtocol> reading(
        pipe: Pipe,
        factory: () -> P,
    ): Connection<Transport, P>

    abstract suspend fun <P : StreamingProtocol> writing(
        pipe: Pipe,
        factory: () -> P,
    ): Connection<Transport, P>
}

private open class PipeRecorder : Protocol {
    val events = ArrayList<String>()
    val lost = getRunningLoop().createFuture<Throwable?>()

    override fun connectionMade(transport: Transport) {
        events += "made"
    }

    override fun dataReceived(data: ByteArray) {
        events += data.decodeToString()
    }

    override fun eofReceived(): Boolean {
        events += "eof"
        return true
    }

    override fun pauseWriting() {
        events += "paused"
    }

    override fun resumeWriting() {
        events += "resumed"
    }

    override fun connectionLost(exception: Throwable?) {
        events += "lost"
        lost.setResult(exception)
    }
}

private fun Pipe.put(text: String) = sink().write(ByteBuffer.wrap(text.encodeToByteArray()))

class ConnectPipesTest :
    FunSpec({
        fun testOn(
            ends: Ends,
            name: String,
            body: suspend (Pipe) -> Unit,
        ) = test("$name ($ends)") {
            val pipe = Pipe.open()
            try {
                runLoop { timeout(60.seconds) { body(pipe) } }
            } finally {
                pipe.sink().close()
                pipe.source().close()
            }
        }

        for (ends in Ends.entries) {
            testOn(ends, "a factory that throws leaves the pipe as it was") { pipe ->
                shouldThrow<ArithmeticException> { ends.reading<PipeRecorder>(pipe) { throw ArithmeticException() } }
                shouldThrow<ArithmeticException> { ends.writing<PipeRecorder>(pipe) { throw ArithmeticException() } }
                val (_, protocol) = ends.reading(pipe) { PipeRecorder() }
                val (transport) = ends.writing(pipe) { PipeRecorder() }
                transport.write("still there".encodeToByteArray())
                until { protocol.events == listOf("made", "still there") }
            }

            testOn(ends, "a reading end is told of data, of the end, and of the loss") { pipe ->
                val (transport, protocol) = ends.reading(pipe) { PipeRecorder() }
                protocol.events shouldContainExactly listOf("made")
                pipe.put("one")
                until { "one" in protocol.events }
                pipe.put("two")
                until { "two" in protocol.events }
                pipe.sink().close()
                protocol.lost.await() shouldBe null
                protocol.events shouldContainExactly listOf("made", "one", "two", "eof", "lost")
                transport.isClosing shouldBe true
                until { !pipe.source().isOpen }
            }

            testOn(ends, "a protocol with buffers of its own receives right into them") { pipe ->
                val shared = Scratch.incoming[getRunningLoop()]
                val seen = ArrayList<ByteBuffer>()
                val heard = ArrayList<String>()
                val protocol =
                    object : BufferedProtocol {
                        val buffer = ByteBuffer.allocate(3)

                        override fun getBuffer(sizeHint: Int): ByteBuffer = buffer.clear().also { seen += shared.borrow() }

                        override fun bufferUpdated(count: Int) {
                            heard += String(buffer.array(), 0, count)
                        }
                    }
                val (transport) = ends.reading(pipe) { protocol }
                pipe.put("abc")
                until { heard.size == 1 }
                pipe.put("defg")
                until { heard.size == 3 }
                heard shouldContainExactly listOf("abc", "def", "g")
                seen.all { it === seen.first() } shouldBe true
                transport.close()
            }

            testOn(ends, "a paused end receives nothing") { pipe ->
                val (transport, protocol) = ends.reading(pipe) { PipeRecorder() }
                transport.isReading shouldBe true
                transport.pauseReading()
                transport.pauseReading()
                transport.isReading shouldBe false
                pipe.put("one")
                sleep(20.milliseconds)
                protocol.events shouldContainExactly listOf("made")
                transport.resumeReading()
                transport.resumeReading()
                until { "one" in protocol.events }
                transport.close()
                transport.isReading shouldBe false
                transport.resumeReading()
                protocol.lost.await()
            }

            testOn(ends, "a reading end that is closed while nothing comes gives its pipe back") { pipe ->
                val (transport, protocol) = ends.reading(pipe) { PipeRecorder() }
                sleep(10.milliseconds)
                transport.close()
                protocol.lost.await() shouldBe null
                protocol.events shouldContainExactly listOf("made", "lost")
                until { !pipe.source().isOpen }
            }

            testOn(ends, "streams go through a pipe, however much it is") { pipe ->
                val loop = getRunningLoop()
                val reader = StreamReader()
                ends.reading(pipe) { StreamReaderProtocol(reader) }
                val (transport, protocol) = ends.writing(pipe) { StreamReaderProtocol(StreamReader()) }
                val writer = StreamWriter(transport, protocol, null)
                val all = ByteArray(3_000_000) { (it * 7).toByte() }
                val writing =
                    loop.createTask {
                        for (start in all.indices step 100_000) {
                            writer.write(all.copyOfRange(start, start + 100_000))
                            writer.drain()
                        }
                        writer.aclose()
                    }
                reader.read().contentEquals(all) shouldBe true
                writing.await()
            }

            testOn(ends, "a protocol with buffers of its own gets all, in parts") { pipe ->
                val received = ArrayList<Byte>()
                val protocol =
                    object : BufferedProtocol {
                        val lost = getRunningLoop().createFuture<Unit>()
                        val buffer: ByteBuffer = ByteBuffer.allocate(3)

                        override fun getBuffer(sizeHint: Int) = buffer.clear()

                        override fun bufferUpdated(count: Int) {
                            buffer.position() shouldBe count
                            received += buffer.array().take(count)
                        }

                        override fun connectionLost(exception: Throwable?) = lost.setResult(Unit)
                    }
                ends.reading(pipe) { protocol }
                pipe.put("0123456789")
                pipe.sink().close()
                protocol.lost.await()
                received.toByteArray().decodeToString() shouldBe "0123456789"
            }

            testOn(ends, "an error of the protocol ends the reading, and is reported") { pipe ->
                val loop = getRunningLoop()
                val reports = ArrayList<ExceptionContext>()
                loop.exceptionHandler = ExceptionHandler { _, context -> reports += context }
                val (_, protocol) =
                    ends.reading(pipe) {
                        object : PipeRecorder() {
                            override fun dataReceived(data: ByteArray): Unit = throw ArithmeticException()
                        }
                    }
                pipe.put("one")
                protocol.lost.await().shouldBeInstanceOf<ArithmeticException>()
                reports.single().exception.shouldBeInstanceOf<ArithmeticException>()
            }

            testOn(ends, "a writing end pauses its protocol while too much is unsent") { pipe ->
                val (transport, protocol) = ends.writing(pipe) { PipeRecorder() }
                transport.write(ByteArray(1_000_000))
                protocol.events shouldContainExactly listOf("made", "paused")
                (transport.writeBufferSize > transport.writeBufferLimits.high) shouldBe true
                val buffer = ByteBuffer.allocate(1_000_000)
                while (buffer.hasRemaining()) {
                    pipe.source().read(buffer)
                    sleep(1.milliseconds)
                }
                until { transport.writeBufferSize == 0 }
                protocol.events shouldContainExactly listOf("made", "paused", "resumed")
                transport.close()
                protocol.lost.await() shouldBe null
            }

            testOn(ends, "what a protocol writes when it is resumed is sent") { pipe ->
                lateinit var transport: Transport
                val (made, protocol) =
                    ends.writing(pipe) {
                        object : PipeRecorder() {
                            override fun resumeWriting() {
                                super.resumeWriting()
                                transport.write("end".encodeToByteArray())
                            }
                        }
                    }
                transport = made
                transport.setWriteBufferLimits(high = 0)
                transport.write(ByteArray(200_000))
                val buffer = ByteBuffer.allocate(200_003)
                while (buffer.hasRemaining()) {
                    pipe.source().read(buffer)
                    sleep(1.milliseconds)
                }
                buffer.array().decodeToString(200_000) shouldBe "end"
                transport.abort()
                protocol.lost.await()
            }

            testOn(ends, "closing a writing end sends all first") { pipe ->
                val (transport, protocol) = ends.writing(pipe) { PipeRecorder() }
                transport.canWriteEof() shouldBe true
                transport.write(ByteArray(300_000))
                transport.writeEof()
                transport.isClosing shouldBe true
                transport.write(ByteArray(5))
                val buffer = ByteBuffer.allocate(400_000)
                while (pipe.source().read(buffer) >= 0) sleep(1.milliseconds)
                buffer.position() shouldBe 300_000
                protocol.lost.await() shouldBe null
            }

            testOn(ends, "aborting a writing end drops the rest") { pipe ->
                val (transport, protocol) = ends.writing(pipe) { PipeRecorder() }
                transport.write(ByteArray(1_000_000))
                transport.abort()
                protocol.lost.await() shouldBe null
                until { !pipe.sink().isOpen }
            }

            testOn(ends, "a writing end finds out that nobody reads") { pipe ->
                val (transport, protocol) = ends.writing(pipe) { PipeRecorder() }
                pipe.source().close()
                transport.write(ByteArray(10))
                protocol.lost.await().shouldBeInstanceOf<BrokenPipeException>()
                repeat(7) { transport.write(ByteArray(10)) }
            }

            testOn(ends, "a pipe has one direction") { pipe ->
                val (reading) = ends.reading(pipe) { PipeRecorder() }
                val (writing) = ends.writing(pipe) { PipeRecorder() }
                shouldThrow<UnsupportedOperationException> { reading.write(ByteArray(1)) }.message shouldContain "for reading"
                shouldThrow<UnsupportedOperationException> { reading.writeEof() }
                reading.canWriteEof() shouldBe false
                shouldThrow<UnsupportedOperationException> { writing.pauseReading() }.message shouldContain "for writing"
                shouldThrow<UnsupportedOperationException> { writing.resumeReading() }
                writing.isReading shouldBe false
            }

            testOn(ends, "a loop that closes gives its pipes back") { pipe ->
                ends.reading(pipe) { PipeRecorder() }
                val (writing) = ends.writing(Pipe.open()) { PipeRecorder() }
                writing.write(ByteArray(1_000_000))
            }

            testOn(ends, "a cancelled connection closes the pipe") { pipe ->
                val loop = getRunningLoop()
                val connecting = loop.createTask { ends.reading(pipe) { PipeRecorder() } }
                loop.callSoon { connecting.cancel() }
                shouldThrow<CancelledException> { connecting.await() }
                until { !pipe.source().isOpen }
            }
        }

        testOn(Ends.CHANNELS, "a pipe of a transport is nobody else's") { pipe ->
            val loop = getRunningLoop()
            val (transport) = loop.connectReadPipe(pipe.source()) { PipeRecorder() }
            transport.getExtraInfo("pipe") shouldBeSameInstanceAs pipe.source()
            shouldThrow<IllegalStateException> { loop.addReader(pipe.source()) {} }
            shouldThrow<IllegalStateException> { loop.connectReadPipe(pipe.source()) { PipeRecorder() } }
        }

        test("no thread waits in a stream while its transport is paused") {
            val reads = ArrayList<Thread>()
            val input =
                object : InputStream() {
                    override fun read(): Int = error("not by single bytes")

                    override fun read(
                        bytes: ByteArray,
                        start: Int,
                        size: Int,
                    ): Int {
                        synchronized(reads) { reads += Thread.currentThread() }
                        return 1
                    }
                }
            runLoop {
                val loop = getRunningLoop()
                lateinit var transport: Transport
                val (made, protocol) =
                    loop.connectReadPipe(input) {
                        object : PipeRecorder() {
                            override fun connectionMade(transport: Transport) = Unit

                            override fun dataReceived(data: ByteArray) {
                                super.dataReceived(data)
                                transport.pauseReading()
                            }
                        }
                    }
                transport = made
                repeat(5) {
                    until { protocol.events.size == it + 1 }
                    sleep(5.milliseconds)
                    synchronized(reads) { reads.size } shouldBe it + 1
                    transport.resumeReading()
                }
                synchronized(reads) { reads.toList() }.all { it.isDaemon && it !== Thread.currentThread() } shouldBe true
                transport.close()
            }
        }

        test("what a stream throws breaks the pipe") {
            val failure = IOException("worn out")
            val input =
                object : InputStream() {
                    override fun read(): Int = throw failure
                }
            val output =
                object : OutputStream() {
                    override fun write(byte: Int): Unit = throw failure
                }
            runLoop {
                val loop = getRunningLoop()
                val (_, reading) = loop.connectReadPipe(input) { PipeRecorder() }
                reading.lost.await() shouldBeSameInstanceAs failure
                val (transport, writing) = loop.connectWritePipe(output) { PipeRecorder() }
                transport.write(ByteArray(1))
                writing.lost.await() shouldBeSameInstanceAs failure
            }
        }

        test("a stream that never lets go holds up neither its transport nor the loop") {
            val letGo = CountDownLatch(1)
            val closed = CountDownLatch(1)
            val input =
                object : InputStream() {
                    override fun read(): Int {
                        letGo.await()
                        return -1
                    }

                    override fun close() {
                        letGo.await()
                        closed.countDown()
                    }
                }
            runLoop {
                val (transport, protocol) = getRunningLoop().connectReadPipe(input) { PipeRecorder() }
                sleep(10.milliseconds)
                transport.close()
                protocol.lost.await() shouldBe null
            }
            letGo.countDown()
            closed.await(30, TimeUnit.SECONDS) shouldBe true
        }
    })
