// SPDX-License-Identifier: Apache-2.0
package dev.simul.process

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import java.io.File
import java.nio.ByteBuffer
import java.nio.channels.Pipe
import java.util.concurrent.atomic.AtomicBoolean
import kotlin.concurrent.thread
import kotlin.random.Random

class PathPipeTest :
    FunSpec({
        val onLinux = File("/proc/self/fdinfo").exists()

        test("Linux has pipes with paths") {
            PathPipe.areAvailable shouldBe onLinux
        }

        test("each path leads to its pipe, whatever others open meanwhile").config(enabled = onLinux) {
            val isOver = AtomicBoolean()
            val others = List(4) { thread { openPipesUntil(isOver) } }
            try {
                val opened = List(200) { PathPipe.open(3, Pipe::open)?.also(::checkPaths) }
                opened.count { it != null } shouldBeGreaterThan 0
            } finally {
                isOver.set(true)
                others.forEach { it.join() }
            }
        }

        test("while a child's output is selected, no thread waits for it").config(enabled = onLinux) {
            Pipes.SELECTED.run {
                val cat = createSubprocessExec("cat", stdin = PIPE, stdout = PIPE)
                cat.stdin!!.write(bytes("line\n"))
                cat.stdout!!.readline().text() shouldBe "line\n"
                val waiting = Thread.getAllStackTraces().filterKeys { it.name.startsWith("simul-pipe") }
                waiting.values.flatMap { stack -> stack.filter { "read" in it.methodName } }.shouldBeEmpty()
                cat.communicate()
            }
        }
    })

private fun checkPaths(pipes: List<PathPipe>) {
    pipes.forEachIndexed { i, pipe -> pipe.path.outputStream().use { it.write(i) } }
    pipes.forEachIndexed { i, pipe ->
        val byte = ByteBuffer.allocate(2)
        val source = pipe.takeSource()
        source.read(byte) shouldBe 1
        byte[0] shouldBe i.toByte()
        source.read(byte) shouldBe -1
        source.close()
    }
}

private fun openPipesUntil(isOver: AtomicBoolean) {
    while (!isOver.get()) {
        val pipe = Pipe.open()
        repeat(Random.nextInt(8)) { pipe.sink().configureBlocking(it % 2 == 1) }
        pipe.sink().close()
        pipe.source().close()
    }
}
