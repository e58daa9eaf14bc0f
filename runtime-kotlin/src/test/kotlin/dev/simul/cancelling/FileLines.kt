// SPDX-License-Identifier: Apache-2.0
package dev.simul.cancelling

import dev.simul.aclosing
import dev.simul.files.AsyncFile
import dev.simul.files.lines
import dev.simul.files.listDirectory
import dev.simul.files.openFile
import dev.simul.files.openTextFile
import dev.simul.files.readBytes
import dev.simul.files.readText
import dev.simul.files.temporaryDirectory
import dev.simul.files.temporaryFile
import dev.simul.files.walk
import dev.simul.files.watch
import dev.simul.files.writeBytes
import dev.simul.files.writeText
import dev.simul.use
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.collect
import java.nio.ByteBuffer
import java.nio.file.Files
import java.nio.file.Path
import kotlin.io.path.createTempDirectory
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText as blockingReadText
import kotlin.io.path.writeText as blockingWriteText

/** Programs with a folder, in which is a file `a` of three lines; at the end it has one of the sets of [names]. */
private fun CancelTable.inFolder(
    vararg operations: String,
    names: Set<Set<String>> = setOf(setOf("a")),
    check: (Path) -> Unit = {},
    program: suspend (Path) -> Unit,
) = line(
    *operations,
    setUp = { createTempDirectory("cancelling").also { it.resolve("a").blockingWriteText(LINES) } },
    options = REAL,
    check = { folder ->
        check(folder)
        (folder.listDirectoryEntries().map { it.name }.toSet() in names) shouldBe true
        folder.toFile().deleteRecursively()
    },
    program = program,
)

private const val LINES = "one\ntwo\nthree\n"

private suspend fun AsyncFile.readIn(size: Int): Int = readInto(ByteBuffer.allocate(size))

/** Files and directories. */
internal fun CancelTable.files() {
    inFolder("openFile", "AsyncFile.use", "AsyncFile.aclose") { folder -> openFile(folder.resolve("a")).use {} }
    inFolder("AsyncFile.read", "AsyncFile.readline", "AsyncFile.readInto", "AsyncFile.seek", "AsyncFile.size") { folder ->
        openFile(folder.resolve("a")).use { file ->
            file.readline().decodeToString() shouldBe "one\n"
            file.seek(0)
            file.readIn(2) shouldBe 2
            file.size() shouldBe 14
            file.read().decodeToString() shouldBe LINES.drop(2)
        }
    }
    inFolder(
        "AsyncFile.write",
        "AsyncFile.truncate",
        "AsyncFile.fsync",
        check = { (it.resolve("a").blockingReadText() in setOf(LINES, "XXX\ntwo\nthree\n", "XXX")) shouldBe true },
    ) { folder ->
        openFile(folder.resolve("a"), "r+").use { file ->
            file.write("XXX")
            file.fsync()
            file.truncate()
        }
    }
    inFolder("openTextFile", "AsyncTextFile.read", "AsyncTextFile.readline", "AsyncTextFile.use", "AsyncTextFile.aclose") { folder ->
        openTextFile(folder.resolve("a")).use { file ->
            file.readline() shouldBe "one\n"
            file.read() shouldBe LINES.drop(4)
        }
    }
    inFolder(
        "AsyncTextFile.write",
        "AsyncTextFile.fsync",
        check = { (it.resolve("a").blockingReadText() in setOf(LINES, LINES + "four")) shouldBe true },
    ) { folder ->
        openTextFile(folder.resolve("a"), "a").use { file ->
            file.write("four")
            file.fsync()
        }
    }
    inFolder("lines") { folder -> lines(folder.resolve("a")).collect {} }
    inFolder("readBytes", "readText") { folder -> readText(folder.resolve("a")).length shouldBe readBytes(folder.resolve("a")).size }
    inFolder(
        "writeBytes",
        "writeText",
        names = setOf(setOf("a"), setOf("a", "b")),
        check = { (it.resolve("a").blockingReadText() in setOf(LINES, "new")) shouldBe true },
    ) { folder ->
        writeText(folder.resolve("a"), "new")
        writeBytes(folder.resolve("b"), ByteArray(1 shl 20))
    }
    inFolder("listDirectory", "walk") { folder ->
        listDirectory(folder).collect {}
        walk(folder).collect {}
    }
    inFolder("watch", names = setOf(setOf("a"), setOf("a", "b"))) { folder ->
        aclosing(watch(folder)) { changes ->
            Files.createFile(folder.resolve("b"))
            changes.anext()
            Files.delete(folder.resolve("b"))
        }
    }
    inFolder("temporaryFile", "temporaryDirectory") { folder ->
        temporaryDirectory(folder).use { directory -> temporaryFile(directory).use { it.write("text") } }
    }
}
