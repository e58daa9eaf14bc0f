// SPDX-License-Identifier: Apache-2.0
package dev.simul.files

import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.files.PathChange.Kind.CREATED
import dev.simul.files.PathChange.Kind.DELETED
import dev.simul.files.PathChange.Kind.MODIFIED
import dev.simul.files.PathChange.Kind.OVERFLOW
import dev.simul.generators.AsyncGenerator
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
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.first
import java.nio.file.Files
import java.nio.file.NoSuchFileException
import java.nio.file.NotDirectoryException
import kotlin.io.path.createDirectories
import kotlin.io.path.createDirectory
import kotlin.io.path.createFile
import kotlin.io.path.createTempDirectory
import kotlin.io.path.deleteExisting
import kotlin.io.path.moveTo
import kotlin.time.Duration.Companion.hours
import kotlin.io.path.writeText as blockingWriteText

private suspend fun AsyncGenerator<PathChange, *>.until(change: PathChange) {
    while (anext() != change) continue
}

private fun watchThreads() = Thread.getAllStackTraces().keys.filter { it.name.startsWith("simul-watch-") && it.isAlive }

/** The watchers of the system that this process has open; none where that cannot be asked. */
private fun watchers() =
    java.io
        .File("/proc/self/fd")
        .listFiles()
        .orEmpty()
        .mapNotNull { runCatching { Files.readSymbolicLink(it.toPath()).toString() }.getOrNull() }
        .count { "inotify" in it }

private suspend fun leavingNoWatcher(block: suspend () -> Unit) {
    val before = watchers()
    block()
    until { watchers() == before && watchThreads().isEmpty() }
    OpenTransports[getRunningLoop()].all.shouldBeEmpty()
}

class WatchTest :
    FunSpec({
        test("changes of a directory's entries are told") {
            onFiles { folder ->
                leavingNoWatcher {
                    aclosing(watch(folder)) { changes ->
                        val file = folder.resolve("a").createFile()
                        changes.until(PathChange(CREATED, file))
                        file.blockingWriteText("text")
                        changes.until(PathChange(MODIFIED, file))
                        file.moveTo(folder.resolve("b"))
                        changes.until(PathChange(DELETED, file))
                        changes.until(PathChange(CREATED, folder.resolve("b")))
                        folder.resolve("b").deleteExisting()
                        changes.until(PathChange(DELETED, folder.resolve("b")))
                    }
                }
            }
        }

        test("what changes before the first change is requested is told too") {
            onFiles { folder ->
                val changes = watch(folder)
                folder.resolve("a").createFile()
                changes.first() shouldBe PathChange(CREATED, folder.resolve("a"))
            }
        }

        test("directories below are watched if that is asked for, also those made later, with what is in them") {
            onFiles { folder ->
                folder.resolve("old/deep").createDirectories()
                leavingNoWatcher {
                    aclosing(watch(folder, recursive = true)) { changes ->
                        val file = folder.resolve("old/deep/a").createFile()
                        changes.until(PathChange(CREATED, file))
                        val made = folder.resolve("new/deeper").createDirectories()
                        val first = made.resolve("first").createFile()
                        changes.until(PathChange(CREATED, first))
                        made.resolve("second").createFile()
                        changes.until(PathChange(CREATED, made.resolve("second")))
                        Files.delete(first)
                        changes.until(PathChange(DELETED, first))
                    }
                }
            }
        }

        test("directories below are not watched otherwise") {
            onFiles { folder ->
                val below = folder.resolve("sub").createDirectory()
                aclosing(watch(folder)) { changes ->
                    below.resolve("a").createFile()
                    folder.resolve("b").createFile()
                    var change = changes.anext()
                    if (change == PathChange(MODIFIED, below)) change = changes.anext()
                    change shouldBe PathChange(CREATED, folder.resolve("b"))
                }
            }
        }

        test("the watch of a directory that is deleted ends") {
            onFiles { folder ->
                for (recursive in listOf(false, true)) {
                    leavingNoWatcher {
                        val directory = folder.resolve("sub").createDirectory()
                        directory.resolve("below").createDirectory()
                        val changes = watch(directory, recursive)
                        directory.toFile().deleteRecursively()
                        shouldThrow<StopAsyncIteration> { while (true) changes.anext() }
                    }
                }
            }
        }

        test("changes that were lost are told as an overflow") {
            onFiles { folder ->
                aclosing(watch(folder)) { changes ->
                    repeat(20) { i ->
                        val file = folder.resolve("$i")
                        repeat(100) {
                            file.createFile()
                            file.deleteExisting()
                        }
                    }
                    changes.until(PathChange(OVERFLOW, folder))
                    folder.resolve("after").createFile()
                    changes.until(PathChange(CREATED, folder.resolve("after")))
                }
            }
        }

        test("cancelling the task that waits for a change ends the watch") {
            onFiles { folder ->
                leavingNoWatcher {
                    val changes = watch(folder)
                    val waiting = createTask { changes.anext() }
                    until { watchThreads().isNotEmpty() }
                    waiting.cancel()
                    shouldThrow<CancelledException> { waiting.await() }
                    shouldThrow<StopAsyncIteration> { changes.anext() }
                }
            }
        }

        test("a task that is cancelled while it begins to watch leaves nothing") {
            onFiles { folder ->
                leavingNoWatcher {
                    for (hasBegun in listOf(false, true)) {
                        val threads = holdThreads()
                        val beginning = createTask { watch(folder) }
                        until { threads.size == 1 }
                        if (hasBegun) threads.runHeld()
                        beginning.cancel()
                        shouldThrow<CancelledException> { beginning.await() }
                        threads.letGo()
                    }
                }
            }
        }

        test("a loop that closes ends its watches") {
            val folder = createTempDirectory("files")
            val before = watchers()
            val loop = newEventLoop()
            val changes = loop.runUntilComplete { watch(folder) }
            if (before < watchers()) watchers() shouldBe before + 1
            loop.close()
            watchers() shouldBe before
            "$changes" shouldBe "<AsyncGenerator suspended>"
            Files.delete(folder)
        }

        test("what cannot be watched is refused") {
            onFiles { folder ->
                leavingNoWatcher {
                    shouldThrow<NoSuchFileException> { watch(folder.resolve("missing")) }
                    shouldThrow<NotDirectoryException> { watch(folder.resolve("a").createFile()) }
                }
            }
        }

        test("on virtual time, a change is waited for before an hour passes") {
            val folder = createTempDirectory("files")
            runTest {
                val changes = watch(folder)
                val waiting = createTask { changes.anext() }
                createTask { writeText(folder.resolve("a"), "text") }
                sleep(1.hours)
                waiting.await().kind shouldBe CREATED
                changes.aclose()
            }
            folder.toFile().deleteRecursively()
        }
    })
