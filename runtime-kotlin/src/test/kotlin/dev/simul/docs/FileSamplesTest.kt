// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.files.writeText
import dev.simul.queues.Queue
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import kotlin.io.path.createDirectory
import kotlin.io.path.createTempDirectory
import kotlin.io.path.readText
import dev.simul.run as runLoop
import kotlin.io.path.writeText as blockingWriteText

class FileSamplesTest :
    FunSpec({
        val root = tempdir().toPath()
        val log = root.resolve("log").apply { blockingWriteText("ok\nERROR one\nok\nERROR two\n") }

        test("visits are counted") {
            runTest { List(3) { countVisit(root.resolve("visits")) } shouldBe listOf(1, 2, 3) }
        }

        test("lines are filtered, and found") {
            runTest {
                errors(log) shouldBe listOf("ERROR one", "ERROR two")
                firstError(log) shouldBe "ERROR one"
                firstError(root.resolve("fine").apply { blockingWriteText("ok\n") }) shouldBe null
            }
        }

        test("a header is replaced in its place") {
            val path = root.resolve("image").apply { blockingWriteText("OLD rest") }
            runTest { replaceHeader(path, "NEW".encodeToByteArray()).decodeToString() shouldBe "OLD" }
            path.readText() shouldBe "NEW rest"
        }

        test("lines get the ends of Windows") {
            runTest { toWindows(log, root.resolve("windows")) }
            root.resolve("windows").readText() shouldBe log.readText().replace("\n", "\r\n")
        }

        test("tasks share a log") {
            val names = List(20) { "task $it" }
            runTest { runAll(root.resolve("shared"), names) }
            root.resolve("shared").readText().lines().toSet() shouldBe names.map { "$it is done" }.toSet() + ""
        }

        test("a tree has sizes, and a draft is published") {
            val folder = createTempDirectory(root, "tree")
            val draft = folder.resolve("draft").apply { blockingWriteText("text") }
            runTest {
                publish(draft, folder.resolve("a/b")) shouldBe folder.resolve("a/b/draft")
                sizes(folder) shouldBe mapOf(folder.resolve("a/b/draft") to 4L)
            }
        }

        test("settings are loaded again when they change") {
            val settings = root.resolve("settings").createDirectory().resolve("file").apply { blockingWriteText("old") }
            runLoop {
                val loaded = Queue<String>()
                val task = createTask { reloading(settings) { loaded.put(it) } }
                loaded.get() shouldBe "old"
                writeText(settings, "new")
                loaded.get() shouldBe "new"
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
            }
        }

        test("an archive is unpacked") {
            val folder = createTempDirectory(root, "archive")
            repeat(3) { folder.resolve("$it").blockingWriteText("text") }
            val tar = ProcessBuilder("tar", "cf", "$root/archive.tar", "-C", "$folder", "0", "1", "2").start()
            tar.waitFor() shouldBe 0
            runLoop { unpacked(root.resolve("archive.tar").toFile().readBytes()) shouldBe 3 }
        }
    })
