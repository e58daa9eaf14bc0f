// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.net.until
import dev.simul.sleep
import dev.simul.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import java.nio.file.FileSystemLoopException
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import java.nio.file.Path
import kotlin.io.path.createDirectories
import kotlin.io.path.createDirectory
import kotlin.io.path.createFile
import kotlin.io.path.createSymbolicLinkPointingTo
import kotlin.io.path.exists
import kotlin.io.path.getPosixFilePermissions
import kotlin.io.path.name
import kotlin.time.Duration
import kotlin.io.path.readText as blockingReadText
import kotlin.io.path.writeText as blockingWriteText

class DirectoriesTest :
    FunSpec({
        test("a directory is listed") {
            onFiles { folder ->
                listDirectory(folder).toList().shouldBeEmpty()
                val files = List(600) { folder.resolve("$it").createFile() }
                folder.resolve("sub").createDirectory().resolve("below").createFile()
                listDirectory(folder).toList() shouldContainExactlyInAnyOrder files.plusElement(folder.resolve("sub"))
            }
        }

        test("a tree is walked, each directory before its entries") {
            onFiles { folder ->
                val names = listOf("a", "a/b", "a/b/file", "a/c")
                folder.resolve("a/b").createDirectories().resolve("file").createFile()
                folder.resolve("a/c").createFile()
                val walked = walk(folder).map { folder.relativize(it).toString() }.toList()
                walked shouldContainExactlyInAnyOrder names + ""
                for (name in names) (walked.indexOf(name) > walked.indexOf(name.substringBeforeLast("/", ""))) shouldBe true
                walk(folder.resolve("a/c")).toList() shouldBe listOf(folder.resolve("a/c"))
            }
        }

        test("symbolic links are followed only if that is asked for") {
            onFiles { folder ->
                folder.resolve("a").createDirectory().resolve("file").createFile()
                folder.resolve("b").createDirectory().resolve("link").createSymbolicLinkPointingTo(folder.resolve("a"))
                walk(folder.resolve("b")).toList() shouldHaveSize 2
                walk(folder.resolve("b"), followLinks = true).toList() shouldHaveSize 3
                folder.resolve("a/back").createSymbolicLinkPointingTo(folder.resolve("b"))
                shouldThrow<FileSystemLoopException> { walk(folder, followLinks = true).toList() }
            }
        }

        test("what is no directory fails when the first entry is requested") {
            onFiles { folder ->
                val file = folder.resolve("a").createFile()
                shouldThrow<NotDirectoryException> { listDirectory(file).anext() }
                shouldThrow<NoSuchFileException> { listDirectory(folder.resolve("missing")).anext() }
                shouldThrow<NoSuchFileException> { walk(folder.resolve("missing")).anext() }
            }
        }

        test("a directory that is left early is closed") {
            onFiles { folder ->
                repeat(600) { folder.resolve("$it").createFile() }
                for (entries in listOf(listDirectory(folder), walk(folder))) {
                    aclosing(entries) { for (entry in it) break }
                    openBelow(folder).shouldBeEmpty()
                }
            }
        }

        test("a directory that a cancelled task was reading is closed") {
            onFiles { folder ->
                repeat(600) { folder.resolve("$it").createFile() }
                for (held in 0..2) {
                    for (entries in listOf(listDirectory(folder), walk(folder))) {
                        val threads = holdThreads()
                        val reading = createTask { entries.toList() }
                        repeat(held) {
                            until { threads.size == 1 }
                            threads.runHeld()
                        }
                        reading.cancel()
                        sleep(Duration.ZERO)
                        threads.letGo()
                        shouldThrow<CancelledException> { reading.await() }
                        until { openBelow(folder).isEmpty() }
                    }
                }
            }
        }

        test("a temporary file is there for its block, for its owner alone") {
            onFiles { folder ->
                var path: Path? = null
                temporaryFile(folder, prefix = "a", suffix = ".txt").use { file ->
                    path = file.path
                    file.path.name.matches(Regex("a.+\\.txt")) shouldBe true
                    file.path.parent shouldBe folder
                    file.path.getPosixFilePermissions().map { it.name }.toSet() shouldBe setOf("OWNER_READ", "OWNER_WRITE")
                    file.write("text")
                    file.path.blockingReadText() shouldBe "text"
                    file.seek(0)
                    file.read().decodeToString() shouldBe "text"
                }
                path!!.exists() shouldBe false
                temporaryFile().use { file -> path = file.path }
                path!!.exists() shouldBe false
            }
        }

        test("a temporary file whose block fails, or closes and deletes it, is gone") {
            onFiles { folder ->
                shouldThrow<ArithmeticException> { temporaryFile(folder).use { throw ArithmeticException() } }
                temporaryFile(folder).use { file ->
                    file.aclose()
                    Files.delete(file.path)
                }
                namesIn(folder).shouldBeEmpty()
                shouldThrow<NoSuchFileException> { temporaryFile(folder.resolve("missing")).use {} }
            }
        }

        test("a temporary directory is deleted with all that is in it, and links lead nowhere") {
            onFiles { folder ->
                val kept = folder.resolve("kept").createDirectory().resolve("file").apply { blockingWriteText("text") }
                temporaryDirectory(folder, prefix = "a").use { directory ->
                    directory.name.startsWith("a") shouldBe true
                    directory.resolve("b/c").createDirectories().resolve("file").createFile()
                    directory.resolve("link").createSymbolicLinkPointingTo(kept.parent)
                }
                namesIn(folder) shouldBe listOf("kept")
                kept.blockingReadText() shouldBe "text"
                temporaryDirectory(folder).use { Files.delete(it) }
                var path: Path? = null
                temporaryDirectory().use { path = it }
                path!!.exists() shouldBe false
            }
        }

        test("a task that is cancelled while it enters or leaves leaves nothing") {
            onFiles { folder ->
                for (held in 0..3) {
                    for (block in listOf<suspend () -> Unit>({ temporaryFile(folder).use {} }, { temporaryDirectory(folder).use {} })) {
                        val threads = holdThreads()
                        val task = createTask { block() }
                        repeat(held) {
                            until { threads.size == 1 || task.done() }
                            threads.runHeld()
                        }
                        task.cancel()
                        sleep(Duration.ZERO)
                        threads.letGo()
                        runCatching { task.await() }
                        until { namesIn(folder).isEmpty() && openBelow(folder).isEmpty() }
                    }
                }
            }
        }
    })
