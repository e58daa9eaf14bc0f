// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.net.until
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.File
import java.io.IOException
import java.nio.charset.StandardCharsets.UTF_16
import java.nio.file.FileSystemException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.attribute.PosixFilePermissions
import java.util.concurrent.TimeUnit
import kotlin.io.path.Path
import kotlin.io.path.createDirectory
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.exists
import kotlin.io.path.getPosixFilePermissions
import kotlin.io.path.isSymbolicLink
import kotlin.io.path.setPosixFilePermissions
import kotlin.random.Random
import kotlin.time.Duration
import dev.simul.run as runLoop
import kotlin.io.path.readBytes as blockingReadBytes
import kotlin.io.path.readText as blockingReadText
import kotlin.io.path.writeBytes as blockingWriteBytes
import kotlin.io.path.writeText as blockingWriteText

/** A process that may write only small files. */
internal object LimitedFiles {
    @JvmStatic
    fun main(args: Array<String>) =
        runLoop {
            val path = Path(args.single())
            try {
                writeBytes(path, ByteArray(10 shl 20))
            } catch (e: IOException) {
                println("fails: ${e.message}")
            }
            println(readText(path))
        }
}

class WholeFilesTest :
    FunSpec({
        test("what is written is read") {
            onFiles { folder ->
                val path = folder.resolve("a")
                val bytes = Random(4).nextBytes(CHUNK * 2 + 5)
                writeBytes(path, bytes)
                readBytes(path) shouldBe bytes
                writeBytes(path, ByteArray(0))
                readBytes(path).size shouldBe 0
                writeText(path, "zwölf\r\n")
                readText(path) shouldBe "zwölf\r\n"
                writeText(path, "zwölf", UTF_16)
                readText(path, UTF_16) shouldBe "zwölf"
                namesIn(folder) shouldBe listOf("a")
            }
        }

        test("what is missing is named") {
            onFiles { folder ->
                val missing = folder.resolve("missing")
                shouldThrow<NoSuchFileException> { readText(missing) }.file shouldBe "$missing"
                shouldThrow<NoSuchFileException> { readBytes(missing) }
                shouldThrow<NoSuchFileException> { writeText(missing.resolve("a"), "text") }
            }
        }

        test("a file that is replaced passes its permissions on, and a new one has the usual ones") {
            onFiles { folder ->
                val old = folder.resolve("old").apply { blockingWriteText("old") }
                val usual = old.getPosixFilePermissions()
                writeText(folder.resolve("new"), "text")
                folder.resolve("new").getPosixFilePermissions() shouldBe usual
                old.setPosixFilePermissions(PosixFilePermissions.fromString("rwxr-x--x"))
                writeText(old, "new")
                PosixFilePermissions.toString(old.getPosixFilePermissions()) shouldBe "rwxr-x--x"
                old.blockingReadText() shouldBe "new"
            }
        }

        test("a file that is replaced passes its owner on").config(enabled = System.getProperty("user.name") == "root") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { blockingWriteText("old") }
                Files.setAttribute(path, "unix:uid", 65_534)
                Files.setAttribute(path, "unix:gid", 65_534)
                writeText(path, "new")
                Files.getAttribute(path, "unix:uid") shouldBe 65_534
                Files.getAttribute(path, "unix:gid") shouldBe 65_534
            }
        }

        test("a symbolic link stays one, and the file that it leads to is replaced") {
            onFiles { folder ->
                val file = folder.resolve("sub").createDirectory().resolve("file").apply { blockingWriteText("old") }
                val link = folder.resolve("link").createSymbolicLinkPointingTo(file)
                writeText(link, "new")
                link.isSymbolicLink() shouldBe true
                file.blockingReadText() shouldBe "new"
                namesIn(folder) shouldBe listOf("link", "sub")
                namesIn(file.parent) shouldBe listOf("file")
            }
        }

        test("what is not a file is not replaced") {
            onFiles { folder ->
                shouldThrow<FileSystemException> { writeText(folder, "text") }.reason shouldBe "Is a directory"
                if (Path("/dev/full").exists()) {
                    shouldThrow<FileSystemException> { writeText(Path("/dev/full"), "text") }.reason shouldContain "Not a regular file"
                }
                namesIn(folder).shouldBeEmpty()
            }
        }

        test("a path of a name alone lies in the working directory") {
            onFiles { folder ->
                val name = Path(".simul-files-test-${folder.fileName}")
                writeText(name, "text")
                readText(name) shouldBe "text"
                Files.delete(name)
            }
        }

        test("readers see the old or the new contents, and nothing else") {
            onFiles { folder ->
                val path = folder.resolve("a")
                val contents = List(4) { number -> "$number".repeat(300_000) }
                writeText(path, contents[0])
                val writer = createTask { repeat(20) { writeText(path, contents[it % 4]) } }
                while (!writer.done()) (readText(path) in contents) shouldBe true
                writer.await()
                namesIn(folder) shouldBe listOf("a")
            }
        }

        test("a write that is cancelled before it has begun leaves the old contents") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { blockingWriteText("old") }
                val threads = holdThreads()
                val writing = createTask { writeText(path, "new") }
                until { threads.size == 1 }
                writing.cancel()
                shouldThrow<CancelledException> { writing.await() }
                threads.letGo()
                readText(path) shouldBe "old"
                namesIn(folder) shouldBe listOf("a")
            }
        }

        test("wherever a write is cancelled, the contents are the old or the new ones, and nothing is left over") {
            onFiles { folder ->
                val path = folder.resolve("a")
                val random = Random(5)
                val old = ByteArray(1) { 1 }
                val new = ByteArray(8 * CHUNK) { 2 }
                path.blockingWriteBytes(old)
                val ends = HashSet<String>()
                repeat(150) {
                    val writing = createTask { writeBytes(path, new) }
                    val deadline = System.nanoTime() + random.nextLong(8_000_000)
                    while (System.nanoTime() < deadline && !writing.done()) sleep(Duration.ZERO)
                    writing.cancel()
                    val wasCancelled = runCatching { writing.await() }.isFailure
                    namesIn(folder) shouldBe listOf("a")
                    val isOld = path.blockingReadBytes().size == 1
                    if (!isOld) path.blockingReadBytes() shouldBe new
                    ends +=
                        if (!wasCancelled) {
                            "done"
                        } else if (isOld) {
                            "cancelled"
                        } else {
                            "replaced"
                        }
                    path.blockingWriteBytes(old)
                }
                ("cancelled" in ends) shouldBe true
            }
        }

        test("a second cancellation does not wait for the thread, which cleans up all the same") {
            onFiles { folder ->
                val path = folder.resolve("a")
                val writing = createTask { writeBytes(path, ByteArray(400 * CHUNK)) }
                until { namesIn(folder).isNotEmpty() }
                writing.cancel()
                sleep(Duration.ZERO)
                writing.cancel()
                shouldThrow<CancelledException> { writing.await() }
                until { namesIn(folder).isEmpty() || namesIn(folder) == listOf("a") }
            }
        }

        test("a disk that is full in the middle leaves the old contents, and nothing else").config(
            enabled = !System.getProperty("os.name").startsWith("Windows"),
        ) {
            onFiles { folder ->
                val path = folder.resolve("a").apply { blockingWriteText("old") }
                val java = File(System.getProperty("java.home"), "bin/java").path
                val command =
                    "ulimit -f 2000 && exec '$java' -XX:-UsePerfData -XX:TieredStopAtLevel=1 -cp '${System.getProperty(
                        "java.class.path",
                    )}' " +
                        "${LimitedFiles::class.java.name} '$path'"
                val child = ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start()
                try {
                    child.inputReader().readLines() shouldBe listOf("fails: File too large", "old")
                    child.waitFor(30, TimeUnit.SECONDS) shouldBe true
                } finally {
                    child.destroyForcibly()
                }
                namesIn(folder) shouldBe listOf("a")
            }
        }

        test("a file that was read when its task was cancelled is closed") {
            onFiles { folder ->
                val path = folder.resolve("a").apply { blockingWriteBytes(ByteArray(100 * CHUNK)) }
                repeat(20) {
                    val reading = createTask { readBytes(path) }
                    until { openBelow(folder).isNotEmpty() || reading.done() }
                    reading.cancel()
                    runCatching { reading.await() }
                }
            }
        }
    })
