// SPDX-License-Identifier: Apache-2.0
package dev.simul.streams

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.loop.setEventLoop
import dev.simul.loopTest
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.transports.RecordingTransport
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.io.IOException
import java.nio.ByteBuffer
import kotlin.time.Duration

class StreamReaderTest :
    FunSpec({
        fun bytes(text: String) = text.encodeToByteArray()

        fun reader(
            limit: Int = StreamReader.DEFAULT_LIMIT,
            vararg fed: String,
        ) = StreamReader(limit).also { reader -> fed.forEach { reader.feedData(bytes(it)) } }

        /** A reader that has all of [fed] and then the end of the stream. */
        fun ended(vararg fed: String) = reader(fed = fed).also { it.feedEof() }

        suspend fun StreamReader.text(n: Int = -1) = read(n).decodeToString()

        suspend fun StreamReader.line() = readline().decodeToString()

        suspend fun StreamReader.until(vararg separators: String) = readuntil(separators.map(::bytes)).decodeToString()

        /** Has [data] fed, chunk by chunk, each in a turn of its own. */
        fun StreamReader.later(vararg data: String) {
            val reader = this
            getRunningLoop().createTask {
                for (chunk in data) {
                    sleep(Duration.ZERO)
                    reader.feedData(bytes(chunk))
                }
            }
        }

        context("read") {
            loopTest("gives what is there, up to so many bytes") {
                val reader = reader(fed = arrayOf("abc", "def"))
                reader.text(4) shouldBe "abcd"
                reader.text(100) shouldBe "ef"
            }

            loopTest("of all loses nothing if the task is cancelled") {
                val reader = reader(2, "abc")
                val reading = getRunningLoop().createTask { reader.text() }
                reader.later("def")
                repeat(5) { sleep(Duration.ZERO) }
                reading.cancel()
                shouldThrow<CancelledException> { reading.await() }
                reader.feedData(bytes("g"))
                reader.feedEof()
                reader.text() shouldBe "abcdefg"
            }

            loopTest("of all, cancelled, gives what it has read to a task that waits already") {
                val reader = reader()
                val cancelled = createTask(eagerStart = true) { reader.text() }
                reader.feedData(bytes("abc"))
                repeat(2) { sleep(Duration.ZERO) }
                cancelled.cancel()
                reader.feedData(bytes("d"))
                reader.text(5) shouldBe "d"
                reader.text(5) shouldBe "abc"
            }

            loopTest("of all, cancelled with nothing read, leaves a task that waits already to itself") {
                val reader = reader()
                val cancelled = createTask(eagerStart = true) { reader.text() }
                cancelled.cancel()
                reader.feedData(bytes("d"))
                reader.text(5) shouldBe "d"
                val waiting = createTask(eagerStart = true) { reader.text(5) }
                shouldThrow<CancelledException> { cancelled.await() }
                sleep(Duration.ZERO)
                waiting.done() shouldBe false
                reader.feedData(bytes("e"))
                waiting.await() shouldBe "e"
            }

            loopTest("waits for the first bytes") {
                val reader = reader()
                reader.later("abc", "def")
                reader.text(100) shouldBe "abc"
                reader.text(2) shouldBe "de"
                reader.text(2) shouldBe "f"
            }

            loopTest("has what came for a task that was cancelled before it woke up, and what another one reads before") {
                val reader = reader()
                val cancelled = createTask { reader.text(2) }
                sleep(Duration.ZERO)
                reader.feedData(bytes("abcd"))
                cancelled.cancel()
                shouldThrow<CancelledException> { cancelled.await() }
                reader.text(4) shouldBe "abcd"

                val late = createTask { reader.text(2) }
                sleep(Duration.ZERO)
                reader.feedData(bytes("efgh"))
                reader.feedEof()
                reader.atEof() shouldBe false
                reader.toString() shouldBe "<StreamReader 4 bytes eof>"
                reader.text(3) shouldBe "efg"
                late.await() shouldBe "h"
                reader.atEof() shouldBe true
            }

            loopTest("gives all that came before it woke up, up to so many bytes") {
                val reader = reader()
                val reading = createTask { reader.text(5) }
                sleep(Duration.ZERO)
                reader.feedData(bytes("abc"))
                reader.feedData(bytes("def"))
                reading.await() shouldBe "abcde"
                reader.text(5) shouldBe "f"
            }

            loopTest("gives what came after another task has taken the first bytes, not more than it wants") {
                val reader = reader()
                val late = createTask { reader.text(2) }
                sleep(Duration.ZERO)
                reader.feedData(bytes("abc"))
                reader.text(5) shouldBe "abc"
                val later = createTask(eagerStart = true) { reader.text(5) }
                reader.feedData(bytes("defg"))
                late.await() shouldBe "de"
                later.await() shouldBe "fg"
            }

            loopTest("is given bytes that a task which waited before it may still read first") {
                val reader = reader()
                val first = createTask(eagerStart = true) { reader.readexactly(3).decodeToString() }
                reader.feedData(bytes("a"))
                reader.text(1) shouldBe "a"
                val second = createTask(eagerStart = true) { reader.text(5) }
                reader.feedData(bytes("bcdefg"))
                first.await() shouldBe "bcd"
                second.await() shouldBe "efg"
            }

            loopTest("leaves another task waiting that began to before it woke up") {
                val reader = reader()
                val robbed = createTask { reader.text(5) }
                sleep(Duration.ZERO)
                reader.feedData(bytes("abc"))
                reader.text(5) shouldBe "abc"
                val waiting = createTask(eagerStart = true) { reader.text(5) }
                robbed.await() shouldBe ""
                reader.feedData(bytes("def"))
                waiting.await() shouldBe "def"
            }

            test("of zero bytes gives none, without a wait") {
                runTest { reader().read(0).size shouldBe 0 }
            }

            loopTest("of all bytes waits for the end, over the limit too") {
                val reader = reader(limit = 3)
                getRunningLoop().createTask {
                    repeat(10) {
                        sleep(Duration.ZERO)
                        reader.feedData(bytes("0123456789"))
                    }
                    reader.feedEof()
                }
                reader.text() shouldBe "0123456789".repeat(10)
            }

            loopTest("gives no bytes at the end, again and again") {
                val reader = ended("abc")
                reader.atEof() shouldBe false
                reader.text(100) shouldBe "abc"
                reader.atEof() shouldBe true
                reader.text(100) shouldBe ""
                reader.text() shouldBe ""
            }

            loopTest("wakes up at the end") {
                val reader = reader()
                getRunningLoop().callSoon { reader.feedEof() }
                reader.text(100) shouldBe ""
            }

            loopTest("goes into a buffer, which keeps what is left of its room") {
                val reader = reader(fed = arrayOf("abcdef"))
                val buffer = ByteBuffer.allocate(4)
                buffer.put('!'.code.toByte())
                reader.read(buffer) shouldBe 3
                String(buffer.array()) shouldBe "!abc"
                reader.read(buffer) shouldBe 0
                reader.read(buffer.clear()) shouldBe 3
                buffer.position() shouldBe 3
                reader.feedEof()
                reader.read(buffer) shouldBe -1
            }

            loopTest("into a buffer waits for the first bytes") {
                val reader = reader()
                reader.later("abc")
                val buffer = ByteBuffer.allocate(100)
                reader.read(buffer) shouldBe 3
                String(buffer.array(), 0, 3) shouldBe "abc"
            }
        }

        context("what is received right into the buffer of a task that waits") {
            /** Receives [text] as a protocol would. */
            fun StreamReader.receive(text: String) = bufferToFill().let { filled(it.put(bytes(text))) }

            loopTest("is there when it wakes up, and what comes later is not lost") {
                val reader = reader()
                val buffer = ByteBuffer.allocate(100)
                val reading = createTask { reader.read(buffer) }
                sleep(Duration.ZERO)
                reader.bufferToFill() shouldBeSameInstanceAs buffer
                reader.receive("abc")
                reader.receive("def")
                reading.await() shouldBe 6
                String(buffer.array(), 0, 6) shouldBe "abcdef"
            }

            loopTest("is followed by what comes before it wakes up, as far as there is room") {
                val reader = reader()
                val buffer = ByteBuffer.allocate(5)
                val reading = createTask { reader.read(buffer) }
                sleep(Duration.ZERO)
                reader.receive("abc")
                reader.receive("def")
                reader.toString() shouldBe "<StreamReader 6 bytes>"
                reading.await() shouldBe 5
                String(buffer.array()) shouldBe "abcde"
                reader.text(100) shouldBe "f"
            }

            loopTest("is what another task reads first, and it does not come before what was fed earlier") {
                val reader = reader()
                val buffer = ByteBuffer.allocate(100)
                val robbed = createTask { reader.read(buffer) }
                sleep(Duration.ZERO)
                reader.receive("abc")
                reader.feedEof()
                reader.atEof() shouldBe false
                reader.text(2) shouldBe "ab"
                robbed.await() shouldBe 1
                String(buffer.array(), 0, 1) shouldBe "c"

                val other = reader()
                val reading = createTask { other.read(buffer.clear()) }
                sleep(Duration.ZERO)
                other.feedData(bytes("abc"))
                other.receive("def")
                reading.await() shouldBe 6
                String(buffer.array(), 0, 6) shouldBe "abcdef"
            }

            loopTest("is given back if the task is cancelled before it wakes up") {
                val reader = reader()
                val buffer = ByteBuffer.allocate(100)
                buffer.position(10)
                val reading = createTask { reader.read(buffer) }
                sleep(Duration.ZERO)
                reader.receive("abc")
                reader.receive("def")
                reading.cancel()
                shouldThrow<CancelledException> { reading.await() }
                buffer.position() shouldBe 10
                reader.text(100) shouldBe "abcdef"
            }

            loopTest("goes elsewhere after the task was cancelled") {
                val reader = reader()
                val buffer = ByteBuffer.allocate(100)
                val reading = createTask { reader.read(buffer) }
                sleep(Duration.ZERO)
                reading.cancel()
                shouldThrow<CancelledException> { reading.await() }
                reader.receive("abc")
                buffer.position() shouldBe 0
                reader.text(100) shouldBe "abc"
            }
        }

        context("readline") {
            loopTest("gives one line with its line feed, whatever chunks it came in") {
                val reader = reader(fed = arrayOf("chunk1 "))
                reader.later("chunk2 ", "chunk3 ", "\n chunk4", "\n\n")
                reader.line() shouldBe "chunk1 chunk2 chunk3 \n"
                reader.line() shouldBe " chunk4\n"
                reader.line() shouldBe "\n"
            }

            loopTest("gives a last line without one, then nothing") {
                val reader = ended("some data")
                reader.line() shouldBe "some data"
                reader.line() shouldBe ""
            }

            loopTest("over the limit drops the line, and the next one is read") {
                val reader = reader(3, "li", "ne1\nline2\n")
                shouldThrow<LimitOverrunException> { reader.line() }.message shouldContain "longer than limit"
                shouldThrow<LimitOverrunException> { reader.line() }
                reader.feedData(bytes("abc\n"))
                reader.line() shouldBe "abc\n"
            }

            loopTest("over the limit without a line feed drops what has come") {
                val reader = reader(7)
                reader.later("chunk1", "chunk2", "chunk3\n", "abc\n")
                shouldThrow<LimitOverrunException> { reader.line() }.message shouldContain "exceed the limit of 7 bytes"
                reader.line() shouldBe "chunk3\n"
                reader.line() shouldBe "abc\n"
            }

            loopTest("is what a loop over the reader does") {
                val lines = mutableListOf<String>()
                for (line in ended("line1\nline2\n", "line3")) lines += line.decodeToString()
                lines shouldContainExactly listOf("line1\n", "line2\n", "line3")
            }

            loopTest("and read share the bytes") {
                val reader = reader(fed = arrayOf("line1\nline2\n"))
                reader.line() shouldBe "line1\n"
                reader.text(3) shouldBe "lin"
                reader.line() shouldBe "e2\n"
            }
        }

        context("readuntil") {
            loopTest("finds a separator that comes in pieces") {
                val reader = reader()
                reader.later("QWE", "RTYUIO", "ABCA", "ACADD", "ABCADDAAA")
                reader.until("AAA") shouldBe "QWERTYUIOABCAACADDABCADDAAA"
            }

            loopTest("takes the separator that ends first") {
                reader(fed = arrayOf("some dataABCDE")).until("ABCDE", "BC") shouldBe "some dataABC"
                reader(fed = arrayOf("some dataXY.")).until("XY", "dataX") shouldBe "some dataX"
                reader(fed = arrayOf("a\r\nb")).until("\n", "\r\n") shouldBe "a\r\n"
            }

            loopTest("takes the shortest of those that end there, in whatever order they are named") {
                for (separators in listOf(listOf("XY", "aaXY"), listOf("aaXY", "XY"))) {
                    val separator = separators.map(::bytes)
                    shouldThrow<LimitOverrunException> { reader(2, "aaaXY").readuntil(separator) }.consumed shouldBe 3
                    reader(3, "aaaXY").readuntil(separator).decodeToString() shouldBe "aaaXY"
                }
            }

            loopTest("of several separators over several chunks") {
                val reader = reader(fed = arrayOf("data--S"))
                reader.later("E", "P--rest\n")
                reader.until("--SEP--", "\n") shouldBe "data--SEP--"
                reader.until("--SEP--", "\n") shouldBe "rest\n"
            }

            loopTest("at the end gives what had come to the exception, and nothing stays") {
                val reader = ended("some dataAA")
                val incomplete = shouldThrow<IncompleteReadException> { reader.until("AAA") }
                incomplete.partial.decodeToString() shouldBe "some dataAA"
                incomplete.expected shouldBe null
                reader.text() shouldBe ""
            }

            loopTest("over the limit leaves the bytes, and says how many to skip") {
                val reader = reader(3, "some dataAA")
                shouldThrow<LimitOverrunException> { reader.until("AAA") }.consumed shouldBe 9
                reader.feedData(bytes("A"))
                shouldThrow<LimitOverrunException> { reader.until("AAA") }.consumed shouldBe 9
                reader.text(9) shouldBe "some data"
                reader.until("AAA") shouldBe "AAA"
            }

            loopTest("counts the bytes before the separator against the limit") {
                reader(3, "abc\r\n").until("\r\n") shouldBe "abc\r\n"
                shouldThrow<LimitOverrunException> { reader(3, "abcd\r\n").until("\r\n") }
            }

            loopTest("refuses to look for nothing") {
                shouldThrow<IllegalArgumentException> { reader().until() }
                shouldThrow<IllegalArgumentException> { reader().until("") }.message shouldContain "at least one-byte"
                shouldThrow<IllegalArgumentException> { reader().until("a", "") }
            }
        }

        context("readexactly") {
            loopTest("waits for that many, the limit notwithstanding") {
                val reader = reader(limit = 3, "chunk")
                reader.later("chunk", "chunk", "chunk")
                reader.readexactly(15).decodeToString() shouldBe "chunkchunkchunk"
                reader.text(100) shouldBe "chunk"
            }

            loopTest("of no bytes gives none, of fewer is refused") {
                reader().readexactly(0).size shouldBe 0
                shouldThrow<IllegalArgumentException> { reader().readexactly(-1) }.message shouldContain "it is -1"
            }

            loopTest("at the end gives what had come to the exception, and nothing stays") {
                val reader = ended("chunk")
                val incomplete = shouldThrow<IncompleteReadException> { reader.readexactly(10) }
                incomplete.partial.decodeToString() shouldBe "chunk"
                incomplete.expected shouldBe 10
                incomplete.message shouldBe "5 bytes read on a total of 10 expected bytes"
                reader.text() shouldBe ""
            }
        }

        context("an exception") {
            loopTest("is thrown by every read, even if there is something to read") {
                val reader = reader(fed = arrayOf("line\n"))
                val failure = IOException("gone")
                reader.exception() shouldBe null
                reader.setException(failure)
                reader.exception() shouldBeSameInstanceAs failure
                shouldThrow<IOException> { reader.read(2) } shouldBeSameInstanceAs failure
                shouldThrow<IOException> { reader.read(ByteBuffer.allocate(2)) } shouldBeSameInstanceAs failure
                shouldThrow<IOException> { reader.readline() } shouldBeSameInstanceAs failure
                shouldThrow<IOException> { reader.readuntil() } shouldBeSameInstanceAs failure
                shouldThrow<IOException> { reader.readexactly(2) } shouldBeSameInstanceAs failure
            }

            loopTest("wakes whoever waits") {
                val reader = reader()
                getRunningLoop().callSoon { reader.setException(IOException("gone")) }
                shouldThrow<IOException> { reader.readline() }.message shouldBe "gone"
            }

            loopTest("leaves a task alone that was cancelled meanwhile") {
                val reader = reader()
                val reading = createTask { reader.readline() }
                sleep(Duration.ZERO)
                reading.cancel()
                reader.setException(IOException("gone"))
                shouldThrow<CancelledException> { reading.await() }
            }
        }

        context("the reader") {
            loopTest("has one task wait at a time") {
                val reader = reader()
                val first = createTask { reader.text(1) }
                sleep(Duration.ZERO)
                shouldThrow<IllegalStateException> { reader.readline() }.message shouldContain "called while another task"
                reader.feedData(bytes("ab"))
                reader.text(1) shouldBe "a"
                first.await() shouldBe "b"
            }

            loopTest("pauses the transport above twice the limit, and resumes it at the limit") {
                val reader = reader(limit = 4)
                val transport = RecordingTransport()
                reader.setTransport(transport)
                reader.feedData(bytes("01234567"))
                transport.isReading shouldBe true
                reader.feedData(bytes("8"))
                transport.isReading shouldBe false
                reader.text(4)
                transport.isReading shouldBe false
                reader.text(1)
                transport.isReading shouldBe true
                shouldThrow<IllegalStateException> { reader.setTransport(transport) }
            }

            loopTest("pauses the transport for what a task was given that has not woken up yet, and resumes it then") {
                val reader = reader(limit = 4)
                val transport = RecordingTransport()
                reader.setTransport(transport)
                val reading = createTask { reader.text(6) }
                sleep(Duration.ZERO)
                reader.feedData(bytes("0123456789"))
                transport.isReading shouldBe false
                reading.await() shouldBe "012345"
                transport.isReading shouldBe true
            }

            loopTest("resumes the transport for a task that waits for more than there is room for") {
                val reader = reader(limit = 4)
                val transport = RecordingTransport()
                reader.setTransport(transport)
                reader.feedData(bytes("0123456789"))
                transport.isReading shouldBe false
                val reading = createTask { reader.readexactly(11) }
                sleep(Duration.ZERO)
                transport.isReading shouldBe true
                reader.feedData(bytes("0"))
                reading.await().decodeToString() shouldBe "01234567890"
            }

            loopTest("leaves the transport as it is when no bytes are asked for") {
                val reader = reader(limit = 4)
                val transport = RecordingTransport()
                reader.setTransport(transport)
                reader.feedData(bytes("0123456789"))
                reader.feedEof()
                shouldThrow<IncompleteReadException> { reader.readexactly(11) }
                reader.readexactly(0).size shouldBe 0
                reader.read(0).size shouldBe 0
                reader.read(ByteBuffer.allocate(0)) shouldBe 0
                transport.isReading shouldBe false
            }

            loopTest("takes nothing after the end, and ignores empty data") {
                val reader = reader(fed = arrayOf("", "a"))
                reader.feedEof()
                shouldThrow<IllegalStateException> { reader.feedData(bytes("b")) }
                reader.text() shouldBe "a"
            }

            loopTest("refuses a limit that is not positive") {
                shouldThrow<IllegalArgumentException> { StreamReader(0) }.message shouldBe "limit is 0: it must be positive"
                shouldThrow<IllegalArgumentException> { StreamReader(-1) }
            }

            test("belongs to the thread's current loop, or to the one it is given, and so does its protocol") {
                shouldThrow<IllegalStateException> { StreamReader() }
                EventLoop().use { StreamReaderProtocol(StreamReader(loop = it), it) }
                EventLoop().use { loop ->
                    setEventLoop(loop)
                    try {
                        val reader = StreamReader()
                        val protocol = StreamReaderProtocol(reader)
                        StreamWriter(RecordingTransport(), protocol, reader)
                        reader.feedData(bytes("abc"))
                        loop.runUntilComplete { reader.text(3) } shouldBe "abc"
                    } finally {
                        setEventLoop(null)
                    }
                }
            }

            loopTest("tells its state") {
                val reader = reader(limit = 5, "abc")
                reader.toString() shouldBe "<StreamReader 3 bytes limit=5>"
                reader.feedEof()
                reader.toString() shouldBe "<StreamReader 3 bytes eof limit=5>"
                reader().toString() shouldBe "<StreamReader>"
            }

            loopTest("reads what a nasty peer sends one byte at a time") {
                val reader = reader()
                val text = "first line\r\nsecond\r\n\r\nbody"
                reader.later(*text.map { it.toString() }.toTypedArray())
                reader.until("\r\n\r\n") shouldBe "first line\r\nsecond\r\n\r\n"
                reader.readexactly(4).decodeToString() shouldBe "body"
            }
        }
    })
