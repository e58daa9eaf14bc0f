// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import dev.simul.loop.newEventLoop
import dev.simul.net.until
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.transports.OpenTransports
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.RandomAccessFile
import java.nio.file.AccessDeniedException
import java.nio.file.FileAlreadyExistsException
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.StandardOpenOption.CREATE
import java.nio.file.StandardOpenOption.DELETE_ON_CLOSE
import java.nio.file.StandardOpenOption.WRITE
import kotlin.io.path.Path
import kotlin.io.path.createDirectory
import kotlin.io.path.createTempFile
import kotlin.io.path.exists
import kotlin.io.path.readText
import kotlin.io.path.setPosixFilePermissions
import kotlin.io.path.writeText
import kotlin.time.Duration.Companion.hours

/** Whether a thread is waiting for the system to open a file. */
private fun isOpening() = Thread.getAllStackTraces().values.any { frames -> frames.any { it.methodName == "open0" } }

class OpenFileTest :
    FunSpec({
        test("a file is read unless the mode says otherwise") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("text") }
                openFile(path).use { it.read() }.decodeToString() shouldBe "text"
                openFile(path, "rb").use { it.read() }.decodeToString() shouldBe "text"
            }
        }

        test("each mode does to a file that is there what it does in Python") {
            val results =
                mapOf(
                    "r" to "old",
                    "r+" to "new",
                    "w" to "new",
                    "w+" to "new",
                    "a" to "oldnew",
                    "wb" to "new",
                    "ab" to "oldnew",
                )
            onFiles { folder ->
                val path = folder.resolve("a")
                for ((mode, result) in results) {
                    path.writeText("old")
                    openFile(path, mode).use { if (mode != "r") it.write("new") }
                    path.readText() shouldBe result
                }
                for (mode in listOf("x", "x+")) shouldThrow<FileAlreadyExistsException> { openFile(path, mode) }
            }
        }

        test("each mode does to a file that is missing what it does in Python") {
            onFiles { folder ->
                val path = folder.resolve("a")
                for (mode in listOf("r", "r+")) shouldThrow<NoSuchFileException> { openFile(path, mode) }.file shouldBe "$path"
                for (mode in listOf("w", "w+", "x", "x+", "a")) {
                    openFile(path, mode).use { it.write(mode) }
                    path.readText() shouldBe mode
                    Files.delete(path)
                }
            }
        }

        test("what is neither read nor written by the mode is refused") {
            onFiles { folder ->
                val path = folder.resolve("a")
                openFile(path, "w").use { file ->
                    val failure = shouldThrow<IllegalStateException> { file.read() }
                    failure.message shouldBe "read is not possible: $path was opened with mode \"w\""
                    shouldThrow<IllegalStateException> { file.readline() }
                }
                openFile(path).use { file ->
                    shouldThrow<IllegalStateException> { file.write("text") }
                    shouldThrow<IllegalStateException> { file.truncate(0) }
                }
            }
        }

        test("other modes are refused by name") {
            onFiles { folder ->
                for (mode in listOf("", "rw", "q", "rr", "b", "+", "br+w")) {
                    shouldThrow<IllegalArgumentException> { openFile(folder, mode) }.message shouldContain "mode is \"$mode\""
                }
                shouldThrow<IllegalArgumentException> { openFile(folder, "a+") }.message shouldContain "open the file twice"
                shouldThrow<IllegalArgumentException> { openFile(folder, "rt") }.message shouldContain "openTextFile"
                shouldThrow<IllegalArgumentException> { openTextFile(folder, "rb") }.message shouldContain "openFile"
                shouldThrow<IllegalArgumentException> { openTextFile(folder, "r+") }.message shouldContain "openFile"
            }
        }

        test("options of NIO say what modes cannot") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("long") }
                openFile(path, setOf(WRITE)).use { it.write("s") }
                openFile(path, emptySet()).use { it.read() }.decodeToString() shouldBe "song"
                openFile(folder.resolve("b"), setOf(WRITE, CREATE, DELETE_ON_CLOSE)).use { it.write("s") }
                namesIn(folder) shouldBe listOf("a")
            }
        }

        test("a directory is refused, and so is what the system does not allow") {
            onFiles { folder ->
                shouldThrow<FileSystemException> { openFile(folder) }.reason shouldBe "Is a directory"
                shouldThrow<FileSystemException> { readBytes(folder) }.reason shouldBe "Is a directory"
                shouldThrow<FileSystemException> { openFile(folder, "w") }
                shouldThrow<NoSuchFileException> { openFile(folder.resolve("missing/a"), "w") }
            }
        }

        test("what the system does not allow is refused").config(enabled = Path("/sys/kernel").exists()) {
            // Not even the superuser may make files there.
            onFiles { shouldThrow<AccessDeniedException> { openFile(Path("/sys/simul"), "w") } }
        }

        test("a file without permissions is refused").config(enabled = System.getProperty("user.name") != "root") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { writeText("text") }.setPosixFilePermissions(emptySet())
                shouldThrow<AccessDeniedException> { openFile(path) }
                shouldThrow<AccessDeniedException> { readText(path) }
                shouldThrow<AccessDeniedException> { writeText(path, "new") }
            }
        }

        test("a task that is cancelled before a thread opens the file opens nothing") {
            onFiles { folder ->
                val threads = holdThreads()
                val opening = createTask { openFile(folder.resolve("a"), "w") }
                until { threads.size == 1 }
                opening.cancel()
                shouldThrow<CancelledException> { opening.await() }
                threads.letGo()
                namesIn(folder).shouldBeEmpty()
            }
        }

        test("a task that is cancelled when a thread has opened the file closes it") {
            onFiles { folder ->
                val threads = holdThreads()
                val opening = createTask { openFile(folder.resolve("a"), "w") }
                until { threads.size == 1 }
                threads.runHeld() // The loop has not heard of it.
                openBelow(folder) shouldHaveSize 1
                opening.cancel()
                shouldThrow<CancelledException> { opening.await() }
                threads.letGo()
                until { openBelow(folder).isEmpty() }
            }
        }

        test("a task that is cancelled in the turn in which it gets the file closes it") {
            onFiles { folder ->
                val opening = createTask { openFile(folder.resolve("a"), "w") }
                until { openBelow(folder).isNotEmpty() }
                while (!opening.done()) {
                    if (opening.cancel()) break
                    sleep(0.hours)
                }
                runCatching { opening.await() }.getOrNull()?.aclose()
                until { openBelow(folder).isEmpty() }
            }
        }

        test("a thread that opens the file only after the cancellation closes it").config(enabled = Path("/usr/bin/mkfifo").exists()) {
            onFiles { folder ->
                val pipe = folder.resolve("pipe")
                ProcessBuilder("mkfifo", "$pipe").start().waitFor() shouldBe 0
                val opening = createTask { openFile(pipe) }
                until { isOpening() }
                opening.cancel()
                shouldThrow<CancelledException> { opening.await() }
                RandomAccessFile(pipe.toFile(), "rw").close() // It lets the thread go on.
                until { openBelow(folder).isEmpty() }
            }
        }

        test("a loop that closes closes its files") {
            val path = createTempFile("files")
            val loop = newEventLoop()
            val file = loop.runUntilComplete { openFile(path, "w").also { it.write("text") } }
            openBelow(path) shouldHaveSize 1
            loop.close()
            openBelow(path).shouldBeEmpty()
            file.isClosed shouldBe true
            path.readText() shouldBe "text"
            Files.delete(path)
        }

        test("an open file is one of its loop, until it is closed") {
            onFiles { folder ->
                val open = OpenTransports[getRunningLoop()]
                val file = openFile(folder.resolve("a"), "w")
                open.all.map { "$it" } shouldBe listOf("<AsyncFile ${folder.resolve("a")}, mode \"w\">")
                file.aclose()
                open.all.shouldBeEmpty()
                "$file" shouldBe "<AsyncFile ${folder.resolve("a")}, mode \"w\", closed>"
            }
        }

        test("on virtual time, files are waited for before an hour passes") {
            val folder = kotlin.io.path.createTempDirectory("files")
            runTest {
                val writing = createTask { repeat(100) { openFile(folder.resolve("a"), "a").use { it.write("x") } } }
                sleep(1.hours)
                writing.done() shouldBe true
                readText(folder.resolve("a")) shouldBe "x".repeat(100)
                getRunningLoop().time() shouldBe 1.hours
            }
            folder.toFile().deleteRecursively()
        }

        test("a folder is no file, whatever the mode") {
            onFiles { folder ->
                folder.resolve("sub").createDirectory()
                for (mode in listOf("r", "w", "a", "r+")) shouldThrow<FileSystemException> { openFile(folder.resolve("sub"), mode) }
                shouldThrow<FileAlreadyExistsException> { openFile(folder.resolve("sub"), "x") }
            }
        }
    })
