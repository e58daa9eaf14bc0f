// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.replay

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempdir
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import java.lang.management.ManagementFactory
import java.nio.file.Files
import java.nio.file.Path
import kotlin.concurrent.thread
import kotlin.io.path.div
import kotlin.io.path.exists
import kotlin.io.path.readLines
import kotlin.io.path.readText
import kotlin.io.path.writeText
import kotlin.system.exitProcess

class FreshJvmTest :
    FunSpec({
        val folder = tempdir().toPath()

        test("the child has this JVM's java.home, class path and options, and a process of its own") {
            val file = folder / "facts of the child"
            runInFreshJvm(ChildWithFacts::class.java, listOf("$file", "a \"b\"\n\\c"), folder)
            val lines = file.readLines()
            lines.dropLast(2) shouldBe factsOfThisJvm()
            lines.takeLast(2) shouldBe listOf("a \"b\"", "\\c")
        }

        test("a child that fails is an error, with what it printed") {
            val failure = shouldThrow<IllegalStateException> { runInFreshJvm(ChildThatFails::class.java, emptyList(), folder) }
            failure.message!! shouldStartWith "the fresh JVM ended with status 3: "
            failure.message!! shouldContain "on the one stream\non the other"
        }

        test("a thread that is interrupted while it waits kills the child") {
            val file = folder / "pid"
            var thrown: Throwable? = null
            val waiting =
                thread { thrown = runCatching { runInFreshJvm(ChildThatStays::class.java, listOf("$file"), folder) }.exceptionOrNull() }
            val pid = pidIn(file)
            waiting.interrupt()
            waiting.join()
            (thrown is InterruptedException) shouldBe true
            ProcessHandle.of(pid).map { it.isAlive }.orElse(false) shouldBe false
        }

        test("a child whose parent dies ends too") {
            val file = folder / "pid of the grandchild"
            val child = ProcessBuilder(jvmCommand(ChildWithChild::class.java, listOf("$file", "$folder"), folder / "options of it")).start()
            try {
                val grandchild = ProcessHandle.of(pidIn(file)).get()
                child.destroyForcibly().waitFor()
                grandchild.onExit().join()
            } finally {
                child.destroyForcibly()
            }
        }
    })

private fun factsOfThisJvm(): List<String> =
    listOf(
        System.getProperty("java.home"),
        System.getProperty("java.class.path"),
        "${System.getProperty("jdk.module.path")}",
        ManagementFactory.getRuntimeMXBean().inputArguments.filter { it.startsWith("-X") || it.startsWith("--") }.joinToString(" "),
    )

/** Real processes begin in real time. */
private fun pidIn(file: Path): Long {
    while (!file.exists()) Thread.sleep(10)
    return file.readText().toLong()
}

private fun writePid(file: String) {
    val unfinished = Path.of("$file.unfinished").also { it.writeText("${ProcessHandle.current().pid()}") }
    Files.move(unfinished, Path.of(file))
}

private object ChildWithFacts {
    @JvmStatic
    fun main(arguments: Array<String>) = Path.of(arguments[0]).writeText((factsOfThisJvm() + arguments[1]).joinToString("\n"))
}

private object ChildThatFails {
    @JvmStatic
    fun main(arguments: Array<String>) {
        println("on the one stream")
        System.err.println("on the other")
        exitProcess(3 + arguments.size)
    }
}

private object ChildThatStays {
    @JvmStatic
    fun main(arguments: Array<String>) {
        endWithParent()
        writePid(arguments[0])
        Thread.sleep(Long.MAX_VALUE)
    }
}

private object ChildWithChild {
    @JvmStatic
    fun main(arguments: Array<String>) = runInFreshJvm(ChildThatStays::class.java, listOf(arguments[0]), Path.of(arguments[1]))
}
