// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.FacadeApi
import dev.simul.createFuture
import dev.simul.house.Jdk
import dev.simul.interop.bodyOf
import dev.simul.loop.getRunningLoop
import dev.simul.netty.vertx.vertx
import dev.simul.peers.programsAt
import dev.simul.runLoop
import dev.simul.testing.runTest
import dev.simul.toThread
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.vertx.core.Vertx
import kotlinx.coroutines.runBlocking
import java.io.OutputStream
import java.io.PrintStream
import java.nio.file.Path
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.name
import kotlin.io.path.readText
import io.vertx.core.Future as VertxFuture

/** The programs in the guides for those who come from elsewhere: theirs and ours print what the guide shows below them. */
class MirrorsTest :
    FunSpec({
        val ours = listOf(task("in Kotlin", ::askAll), body("in Java", MirrorsSamplesInJava::askAll))
        val kotlinx =
            GuideOfPrograms(
                "from-kotlinx.md",
                listOf(ShownProgram("of kotlinx") { runBlocking { FromKotlinx.askAll() } }) + ours,
                listOf(taskInRealTime("kotlinx and tasks", FromKotlinx::bothWays)),
            )
        val reactor =
            GuideOfPrograms(
                "from-reactor.md",
                listOf(ShownProgram("of Reactor", run = FromReactorSamples::askAll)) + ours,
                listOf(
                    taskInRealTime("Reactor and tasks", ::withReactor),
                    bodyInRealTime("Reactor and bodies", FromReactorSamples::bothWays),
                ),
            )
        val vertx =
            GuideOfPrograms(
                "from-vertx.md",
                listOf(ShownProgram("of Vert.x") { onVertx(FromVertxSamples::askAll) }) + ours,
                listOf(taskInRealTime("Vert.x and tasks", ::withVertx), bodyInRealTime("Vert.x and bodies", FromVertxSamples::bothWays)),
            )
        val guides =
            listOf(
                kotlinx,
                GuideOfPrograms(
                    "from-completablefuture.md",
                    listOf(ShownProgram("of stages", run = FromCompletableFutureSamples::askAll)) + ours.reversed(),
                    listOf(bodyInRealTime("stages and bodies", FromCompletableFutureSamples::bothWays)),
                    listOf(ShownProgram("a loop in the background", run = FromCompletableFutureSamples::fromOutside)),
                    listOf(taskInRealTime("stages and tasks", ::withStages)),
                ),
                reactor,
                vertx,
                GuideOfPrograms(
                    "from-virtual-threads.md",
                    listOf(ShownProgram("of virtual threads", virtualThreads.isNotEmpty()) { childPrints(virtualThreads) }) +
                        ours.reversed(),
                    listOf(ShownProgram("threads that call a loop", run = FromVirtualThreadsSamples::fromThreads)),
                    listOf(bodyInRealTime("a call that blocks", FromVirtualThreadsSamples::blocking)),
                ),
                GuideOfPrograms(
                    "from-python.md",
                    listOf(ShownProgram("of Python", python.isNotEmpty()) { childPrints(python) }) + ours,
                ),
            )

        for (guide in guides) {
            context(guide.name) {
                test("below each group of programs stands what they print") { guide.groups shouldHaveSize guide.programs.size }

                guide.programs.zip(guide.groups).forEach { (programs, group) ->
                    for (program in programs) {
                        test("the program ${program.title}").config(enabled = program.canRun) {
                            group.blocks shouldHaveSize programs.size
                            group.verify(program.run)
                        }
                    }
                }
            }
        }

        test("every guide for those who come from elsewhere is tested") {
            guides.map { it.name } shouldContainExactlyInAnyOrder GUIDES.listDirectoryEntries("from-*.md").map { it.name }
        }

        test("all guides show the same output") { guides.map { it.groups[0].prints }.distinct() shouldHaveSize 1 }

        test("the program of kotlinx runs in a task too, on virtual time") {
            kotlinx.groups[0].verify { runTest { FromKotlinx.askAll() } }
        }

        test("the program of Vert.x runs on the loop too, on virtual time") {
            vertx.groups[0].verify {
                runTest {
                    val ended = getRunningLoop().createFuture<Unit>()
                    vertx().runOnContext { FromVertxSamples.askAll(vertx()).onComplete { ended.setResult(Unit) } }
                    ended.await()
                    // Vert.x is about to close, which fails the timer of "slow": the program above would tell.
                    System.setOut(PrintStream(OutputStream.nullOutputStream()))
                }
            }
        }

        test("the program of Reactor runs in a thread of the loop's too") {
            reactor.groups[0].verify { runLoop { toThread { FromReactorSamples.askAll() } } }
        }

        test("the block of Python is in the file that runs") {
            SOURCES.resolve("mirrors.py").readText() shouldContain guides.last().groups[0].blocks[0]
        }
    })

private val SOURCES = Path.of("src/test/resources/docs")

/** The command for the program on virtual threads, of the newest JDK that lies here; empty if it is too old. */
private val virtualThreads: List<String> =
    Jdk
        .all()
        .filter { it.feature >= 21 }
        .maxByOrNull { it.feature }
        ?.let { listOf("${it.home}/bin/java", "${SOURCES.resolve("MirrorsOnVirtualThreads.java")}") }
        .orEmpty()

/** The command for the program in Python, of one that has task groups; empty if there is none. */
private val python: List<String> =
    programsAt("python3")
        .find { runs(listOf(it, "-c", "from asyncio import TaskGroup, timeout")) }
        ?.let { listOf(it, "${SOURCES.resolve("mirrors.py")}") }
        .orEmpty()

private fun task(
    title: String,
    program: suspend () -> Unit,
) = ShownProgram(title) { runTest { program() } }

@OptIn(FacadeApi::class)
private fun body(
    title: String,
    program: () -> Unit,
) = ShownProgram(title) { runTest { bodyOf { program() }.await() } }

private fun taskInRealTime(
    title: String,
    program: suspend () -> Unit,
) = ShownProgram(title) { runLoop { program() } }

@OptIn(FacadeApi::class)
private fun bodyInRealTime(
    title: String,
    program: () -> Unit,
) = ShownProgram(title) { runLoop { bodyOf { program() }.await() } }

private fun onVertx(program: (Vertx) -> VertxFuture<Void>) {
    val vertx = Vertx.vertx()
    try {
        val ended = CompletableFuture<Unit>()
        vertx.runOnContext { program(vertx).onComplete({ ended.complete(Unit) }, { ended.completeExceptionally(it) }) }
        ended.get(1, TimeUnit.MINUTES)
    } finally {
        vertx.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES)
    }
}

private fun childPrints(command: List<String>) {
    val child = ProcessBuilder(command).redirectErrorStream(true).start()
    try {
        child.inputReader().useLines { lines -> lines.forEach(::println) }
        child.waitFor() shouldBe 0
    } finally {
        child.destroyForcibly()
    }
}

private fun runs(command: List<String>): Boolean =
    ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start()
        .waitFor() == 0
