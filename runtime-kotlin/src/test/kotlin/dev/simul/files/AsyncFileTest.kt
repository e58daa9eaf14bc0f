// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.net.until
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.IOException
import java.io.RandomAccessFile
import java.nio.ByteBuffer
import kotlin.io.path.Path
import kotlin.io.path.exists
import kotlin.io.path.fileSize
import kotlin.io.path.readBytes
import kotlin.io.path.readText
import kotlin.io.path.writeBytes
import kotlin.io.path.writeText
import kotlin.random.Random
import kotlin.time.Duration

private const val AHEAD = ReadAhead.AHEAD

private suspend fun AsyncFile.text(n: Int) = read(n).decodeToString()

/** Whether a thread is waiting for the system to write to a file. */
private fun isWriting() =
    Thread.getAllStackTraces().any { (thread, frames) ->
        thread.name == "held" && frames.any { it.methodName == "write0" }
    }

class AsyncFileTest :
    FunSpec({
        test("read gives as many bytes as were asked for, and fewer only at the end") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("abcdefgh") }
                openFile(path).use { file ->
                    file.text(3) shouldBe "abc"
                    file.text(0) shouldBe ""
                    file.tell() shouldBe 3
                    file.text(4) shouldBe "defg"
                    file.text(4) shouldBe "h"
                    file.text(4) shouldBe ""
                    file.text(-1) shouldBe ""
                    file.tell() shouldBe 8
                }
            }
        }

        test("reads of all sizes give the bytes of the file in their order") {
            onFiles { folder ->
                val bytes = Random(1).nextBytes(5 * AHEAD + 12_345)
                val path = folder.resolve("a").apply { writeBytes(bytes) }
                val sizes = listOf(1, 7, AHEAD - 1, 3, AHEAD, AHEAD + 1, 2 * AHEAD, 5, -1)
                openFile(path).use { file ->
                    var at = 0
                    for (size in sizes) {
                        val read = file.read(size)
                        read shouldBe bytes.copyOfRange(at, if (size < 0) bytes.size else at + size)
                        at += read.size
                        file.tell() shouldBe at
                    }
                    at shouldBe bytes.size
                }
            }
        }

        test("readInto fills a buffer with what is there") {
            onFiles { folder ->
                val bytes = Random(2).nextBytes(AHEAD + 10)
                val path = folder.resolve("a").apply { writeBytes(bytes) }
                openFile(path).use { file ->
                    val all = ByteBuffer.allocateDirect(2 * AHEAD)
                    while (file.readInto(all) >= 0) continue
                    ByteArray(all.flip().remaining()).also { all.get(it) } shouldBe bytes
                    file.readInto(ByteBuffer.allocate(0)) shouldBe 0
                    file.seek(5)
                    val few = ByteBuffer.allocate(3)
                    file.readInto(few) shouldBe 3
                    few.array() shouldBe bytes.copyOfRange(5, 8)
                }
            }
        }

        test("lines have their line feeds, but perhaps the last one") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("one\n\ntwo\r\nthree") }
                openFile(path).use { file ->
                    file.readline().decodeToString() shouldBe "one\n"
                    buildList { for (line in file) add(line.decodeToString()) } shouldBe listOf("\n", "two\r\n", "three")
                    file.readline().size shouldBe 0
                    file.tell() shouldBe path.fileSize()
                }
            }
        }

        test("a line may be longer than what is read at a time") {
            onFiles { folder ->
                val long = "x".repeat(3 * AHEAD) + "\n"
                val path = folder.resolve("a").apply { writeText("a\n$long${long}b") }
                openFile(path).use { file ->
                    buildList { for (line in file) add(line.decodeToString()) } shouldBe listOf("a\n", long, long, "b")
                }
            }
        }

        test("an iterator without a line says so") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("") }
                openFile(path).use { file -> shouldThrow<NoSuchElementException> { file.iterator().next() } }
            }
        }

        test("what was read ahead comes without a turn") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("one\ntwo\n") }
                openFile(path).use { file ->
                    file.readline()
                    val events = ArrayList<String>()
                    createTask { events += "another task" }
                    file.readline()
                    events += "read"
                    sleep(Duration.ZERO)
                    events shouldBe listOf("read", "another task")
                }
            }
        }

        test("reads and writes share a position, which seek moves") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("abcdefgh") }
                openFile(path, "r+").use { file ->
                    file.text(2) shouldBe "ab"
                    file.write("XY")
                    file.text(2) shouldBe "ef"
                    file.seek(0) shouldBe 0
                    file.text(5) shouldBe "abXYe"
                    file.seek(10)
                    file.text(1) shouldBe ""
                    file.write("!")
                    shouldThrow<IllegalArgumentException> { file.seek(-1) }.message shouldContain "-1"
                }
                path.readText() shouldBe "abXYefgh\u0000\u0000!"
            }
        }

        test("a file that grows is read on after its end") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("one\n") }
                openFile(path).use { file ->
                    file.readline()
                    file.readline().size shouldBe 0
                    openFile(path, "a").use { it.write("two\n") }
                    file.readline().decodeToString() shouldBe "two\n"
                }
            }
        }

        test("a file that was opened to append is written at its end, wherever that is") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("one") }
                openFile(path, "a").use { file ->
                    file.tell() shouldBe 3
                    file.seek(0)
                    openFile(path, "a").use { it.write("two") }
                    file.write("three")
                    file.tell() shouldBe 11
                }
                path.readText() shouldBe "onetwothree"
            }
        }

        test("a buffer is written from its position to its limit, and moves there") {
            onFiles { folder ->
                val path = folder.resolve("a")
                val data = ByteBuffer.wrap("abcdef".encodeToByteArray()).position(1).limit(4)
                openFile(path, "w").use { it.write(data) }
                data.position() shouldBe 4
                data.limit() shouldBe 4
                path.readText() shouldBe "bcd"
            }
        }

        test("writes larger than one call of the system are written whole") {
            onFiles { folder ->
                val bytes = Random(3).nextBytes(3 * CHUNK + 17)
                val path = folder.resolve("a")
                openFile(path, "w").use { file ->
                    file.write(bytes)
                    file.write(bytes)
                    file.tell() shouldBe 2L * bytes.size
                }
                path.readBytes() shouldBe bytes + bytes
                openFile(path, "a").use { it.write(bytes) }
                path.readBytes() shouldBe bytes + bytes + bytes
            }
        }

        test("truncate cuts off, or adds zeros, and leaves the position") {
            onFiles { folder ->
                for (mode in listOf("r+", "a")) {
                    val path = folder.resolve("a").apply { writeText("abcdef") }
                    openFile(path, mode).use { file ->
                        file.seek(2)
                        file.truncate() shouldBe 2
                        file.size() shouldBe 2
                        file.truncate(4) shouldBe 4
                        file.tell() shouldBe 2
                        if (mode == "r+") file.read() shouldBe byteArrayOf(0, 0)
                        shouldThrow<IllegalArgumentException> { file.truncate(-1) }
                    }
                    path.readText() shouldBe "ab\u0000\u0000"
                }
            }
        }

        test("fsync leaves everything as it is") {
            onFiles { folder ->
                openFile(folder.resolve("a"), "w+").use { file ->
                    file.write("text")
                    file.fsync()
                    file.fsync(metadata = false)
                    file.tell() shouldBe 4
                }
            }
        }

        test(
            "files of the system, which say that they are empty, are read to their end",
        ).config(enabled = Path("/proc/self/status").exists()) {
            onFiles {
                val status = Path("/proc/self/status")
                openFile(status).use { it.read() }.decodeToString() shouldContain "VmPeak"
                readText(status) shouldContain "VmPeak"
                openFile(status)
                    .use { file ->
                        buildList { for (line in file) add(line.decodeToString()) }
                    }.count { "VmPeak" in it } shouldBe 1
            }
        }

        test("a full disk fails the write, and the file stays usable").config(enabled = Path("/dev/full").exists()) {
            onFiles {
                openFile(Path("/dev/full"), "r+").use { file ->
                    val failure = shouldThrow<IOException> { file.write("text") }
                    failure.message shouldContain "No space left on device"
                    file.tell() shouldBe 0
                    file.read(2) shouldBe byteArrayOf(0, 0)
                }
            }
        }

        test("a closed file refuses everything, and closing it again does nothing") {
            onFiles { folder ->
                val file = openFile(folder.resolve("a"), "w+")
                file.isClosed shouldBe false
                file.aclose()
                file.isClosed shouldBe true
                file.aclose()
                val operations =
                    listOf<suspend () -> Unit>(
                        { file.read() },
                        { file.readline() },
                        { file.readInto(ByteBuffer.allocate(1)) },
                        { file.write("text") },
                        { file.seek(0) },
                        { file.tell() },
                        { file.size() },
                        { file.truncate() },
                        { file.fsync() },
                    )
                for (operation in operations) {
                    shouldThrow<IllegalStateException> { operation() }.message shouldBe "I/O operation on closed file: ${file.path}"
                }
            }
        }

        test("operations of several tasks are done one at a time, in the order in which they were called") {
            onFiles { folder ->
                val path = folder.resolve("a")
                openFile(path, "w").use { file ->
                    gather(*Array(200) { i -> createTask { file.write("line $i\n") } }).await()
                }
                path.readText().lines() shouldBe List(200) { "line $it" } + ""
                openFile(path).use { file ->
                    val lines = gather(*Array(200) { createTask { file.readline().decodeToString() } }).await()
                    lines shouldBe List(200) { "line $it\n" }
                }
            }
        }

        test("a read that was cancelled leaves the position, and the file open") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("one\ntwo\n") }
                val file = openFile(path)
                val threads = holdThreads()
                for (whenCancelled in listOf<() -> Unit>({}, threads::runHeld)) {
                    val reading = createTask { file.readline() }
                    until { threads.size == 1 }
                    whenCancelled()
                    reading.cancel()
                    shouldThrow<CancelledException> { reading.await() }
                    threads.runHeld()
                    file.tell() shouldBe 0
                }
                threads.letGo()
                file.readline().decodeToString() shouldBe "one\n"
                file.aclose()
            }
        }

        test("a read of everything that was cancelled leaves the position") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("one\ntwo\n") }
                openFile(path).use { file ->
                    file.readline()
                    val threads = holdThreads()
                    val reading = createTask { file.read() }
                    until { threads.size == 1 }
                    threads.runHeld()
                    reading.cancel()
                    shouldThrow<CancelledException> { reading.await() }
                    threads.letGo()
                    file.tell() shouldBe 4
                    file.read().decodeToString() shouldBe "two\n"
                }
            }
        }

        test("a write that is cancelled before it has begun does nothing") {
            onFiles { folder ->
                val path = folder.resolve("a")
                val file = openFile(path, "w")
                val threads = holdThreads()
                val writing = createTask { file.write("cancelled") }
                until { threads.size == 1 }
                writing.cancel()
                shouldThrow<CancelledException> { writing.await() }
                threads.letGo()
                file.tell() shouldBe 0
                file.write("text")
                file.aclose()
                path.readText() shouldBe "text"
            }
        }

        test("a write that is cancelled after it has begun is completed, and the next one follows it") {
            onFiles { folder ->
                val path = folder.resolve("a")
                val file = openFile(path, "w")
                val threads = holdThreads()
                val writing = createTask { file.write("first") }
                until { threads.size == 1 }
                threads.runHeld()
                writing.cancel()
                val next = createTask { file.write("second") }
                shouldThrow<CancelledException> { writing.await() }
                threads.letGo()
                next.await()
                file.tell() shouldBe 11
                file.aclose()
                path.readText() shouldBe "firstsecond"
            }
        }

        test("a write that is under way when its task is cancelled ends before the next operation begins").config(
            enabled = Path("/usr/bin/mkfifo").exists(),
        ) {
            onFiles { folder ->
                val pipe = folder.resolve("pipe")
                ProcessBuilder("mkfifo", "$pipe").start().waitFor() shouldBe 0
                RandomAccessFile(pipe.toFile(), "rw").use { reader ->
                    val file = openFile(pipe, "a")
                    val threads = holdThreads().apply { letGo() }
                    val writing = createTask { file.write(ByteArray(3 * CHUNK)) }
                    until { isWriting() } // The pipe is full.
                    writing.cancel()
                    shouldThrow<CancelledException> { writing.await() }
                    val next = createTask { file.write(byteArrayOf(1)) }
                    repeat(10) { sleep(Duration.ZERO) }
                    threads.count shouldBe 1
                    val bytes = ByteArray(3 * CHUNK + 1)
                    reader.readFully(bytes, 0, 3 * CHUNK)
                    next.await()
                    reader.readFully(bytes, 3 * CHUNK, 1)
                    bytes.indexOf(1) shouldBe 3 * CHUNK
                    file.aclose()
                }
            }
        }

        test("a task that is cancelled while it waits for its turn does nothing") {
            onFiles { folder ->
                val path = folder.resolve("a")
                val file = openFile(path, "w")
                val threads = holdThreads()
                val writings = List(3) { i -> createTask { file.write("$i") } }
                until { threads.size == 1 }
                writings[1].cancel()
                shouldThrow<CancelledException> { writings[1].await() }
                threads.letGo()
                writings[0].await()
                writings[2].await()
                file.aclose()
                path.readText() shouldBe "02"
            }
        }

        test("closing waits for the operation under way, and refuses those that wait") {
            onFiles { folder ->
                val path = folder.resolve("a")
                val file = openFile(path, "w")
                val threads = holdThreads()
                val writings = List(2) { i -> createTask { file.write("$i") } }
                until { threads.size == 1 }
                val closings = List(2) { createTask { file.aclose() } }
                sleep(Duration.ZERO)
                file.isClosed shouldBe true
                closings.count { it.done() } shouldBe 0
                threads.letGo()
                writings[0].await()
                shouldThrow<IllegalStateException> { writings[1].await() }.message shouldContain "closed file"
                closings.forEach { it.await() }
                path.readText() shouldBe "0"
            }
        }

        test("closing that is cancelled closes the file all the same") {
            onFiles { folder ->
                val file = openFile(folder.resolve("a"), "w")
                val threads = holdThreads()
                val closing = createTask { file.aclose() }
                until { threads.size == 1 }
                closing.cancel()
                shouldThrow<CancelledException> { closing.await() }
                openBelow(folder).size shouldBe 1
                threads.letGo()
                file.aclose()
                openBelow(folder).shouldBeEmpty()
            }
        }

        test("an interrupt that earlier work has left to a thread does not close the file") {
            onFiles { folder ->
                val file = openFile(folder.resolve("a"), "w+")
                val threads =
                    holdThreads { work ->
                        Thread.currentThread().interrupt()
                        work()
                        if (!Thread.interrupted()) throw AssertionError("the interrupt is lost")
                    }
                val writing = createTask { file.write("text") }
                until { threads.size == 1 }
                threads.letGo()
                writing.await()
                file.seek(0)
                file.text(4) shouldBe "text"
                file.aclose()
            }
        }

        test("the block's exception closes the file") {
            onFiles { folder ->
                shouldThrow<ArithmeticException> { openFile(folder.resolve("a"), "w").use { throw ArithmeticException() } }
                openBelow(folder).shouldBeEmpty()
            }
        }

        test("what a task waits for is said by name") {
            onFiles { folder ->
                val file = openFile(folder.resolve("a"), "w+")
                val threads = holdThreads()
                val reading = createTask { file.read(1) }
                until { threads.size == 1 }
                "$reading" shouldContain "read of <AsyncFile ${folder.resolve("a")}"
                threads.letGo()
                reading.await()
                file.aclose()
            }
        }
    })
