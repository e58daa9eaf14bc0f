// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.generators.generator
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.interop.onOwnStack
import dev.simul.loop.getRunningLoop
import dev.simul.net.connectReadPipe
import dev.simul.net.connectWritePipe
import dev.simul.net.getaddrinfo
import dev.simul.process.PIPE
import dev.simul.process.createSubprocessExec
import dev.simul.streams.StreamReader
import dev.simul.streams.StreamReaderProtocol
import dev.simul.streams.StreamWriter
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import java.io.ByteArrayInputStream
import java.io.ByteArrayOutputStream
import java.nio.file.Path
import java.util.concurrent.FutureTask
import java.util.concurrent.locks.LockSupport
import kotlin.concurrent.thread
import kotlin.io.path.exists
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.run as runLoop

/** Programs in a process that has no thread left, and then again. */
internal object OutOfThreads {
    private val taken = ArrayList<Thread>()

    @Volatile
    private var isHeld = false

    @JvmStatic
    fun main(args: Array<String>) {
        val program =
            when (args.single()) {
                "bodies" -> ::bodies
                "calls" -> ::calls
                "generators" -> ::generators
                "pipes" -> ::pipes
                "processes" -> ::processes
                else -> error("no program ${args.single()}")
            }
        runLoop { timeout(30.seconds) { program() } }
        println("run has returned")
    }

    private fun takeThreads() {
        isHeld = true
        try {
            while (true) taken += thread(isDaemon = true) { while (isHeld) LockSupport.park() }
        } catch (_: OutOfMemoryError) {
            // There are no more.
        }
    }

    private fun giveThreadsBack() {
        isHeld = false
        taken.forEach(LockSupport::unpark)
        taken.forEach { it.join() }
        taken.clear()
    }

    /** What has become of it: what it says itself, or the error that it has failed with. */
    private suspend fun outcome(program: suspend () -> Any?): String =
        try {
            "${program()}"
        } catch (e: IllegalStateException) {
            "${e.message!!.substringBefore(',')}, ${e.cause!!.message!!.substringBefore(':')}"
        }

    private suspend fun bodies() {
        val loop = getRunningLoop()
        loop.carrier = Carrier.PLATFORM
        val gate = loop.createFuture<Unit>()
        val waiting = loop.createTask(bodyOf { awaitInBody(gate).also { println("a body that had its thread goes on") } })
        sleep(1.milliseconds)
        takeThreads()
        val bodies = List(100) { loop.createTask(bodyOf { "a body" }) }
        wait(bodies)
        bodies.map { outcome { it.await() } }.toSet().forEach(::println)
        println(outcome { loop.createTask(bodyOf { "an eager body" }, eagerStart = true).await() })
        gate.setResult(Unit)
        waiting.await()
        giveThreadsBack()
        println(gather(List(5) { bodyOf { "a body" } }).await())
    }

    private suspend fun calls() {
        val loop = getRunningLoop()
        toThread { println("a thread of the default executor, which ends without one that waits for it") }
        takeThreads()
        println(outcome { toThread { "a call in a thread" } })
        println(outcome { wrapFuture(FutureTask { "a future that can be blocked on" }).await() })
        println(outcome { loop.runInExecutor({ thread(block = it::run) }) { "a call in an executor" }.await() })
        println(outcome { loop.getaddrinfo("localhost", 80) })
        val own = loop.createTask { thread { } }
        wait(listOf(own))
        println("a thread of one's own: ${own.exception()!!.message!!.substringBefore(':')}")
    }

    private suspend fun generators() {
        val first = oneAndTwo().also { it.next() } // Without a thread the JDK never has virtual ones again.
        takeThreads()
        println(outcome { oneAndTwo().toList() })
        first.close()
        giveThreadsBack()
        println(oneAndTwo().toList())
    }

    private fun oneAndTwo() =
        generator<Int, Unit, Unit>(
            onOwnStack {
                it.yield(1)
                it.yield(2)
            },
        )

    private suspend fun pipes() {
        val loop = getRunningLoop()
        takeThreads()
        val reader = StreamReader()
        loop.connectReadPipe(ByteArrayInputStream(ByteArray(1))) { StreamReaderProtocol(reader) }
        println(outcome { reader.read() })
        val closed = loop.createFuture<Unit>()
        val output =
            object : ByteArrayOutputStream() {
                override fun close() = closed.setResult(println("the stream is closed"))
            }
        val protocol = StreamReaderProtocol(StreamReader())
        val (transport) = loop.connectWritePipe(output) { protocol }
        val writer = StreamWriter(transport, protocol, null)
        writer.write(ByteArray(1))
        println(outcome { writer.waitClosed() })
        closed.await()
    }

    private suspend fun processes() {
        takeThreads()
        val child = createSubprocessExec("echo", "a child", stdout = PIPE)
        print(child.stdout!!.read().decodeToString())
        println("it has ended with ${child.wait()}")
    }
}

class OutOfThreadsTest :
    FunSpec({
        val canBeLimited = Path.of("/proc/self/status").exists()
        val shell = listOf("sh", "-c", "ulimit -v 4000000; export MALLOC_ARENA_MAX=1; exec \"$@\"", "sh")
        val options = listOf("-Xmx64m", "-XX:+UseSerialGC", "-XX:ThreadStackSize=65536", "-Xlog:os+thread=off")
        val none = "can't start new thread, unable to create native thread"

        fun sayings(program: String): List<String> = Child(OutOfThreads::class.java.name, program, options, shell = shell).use { it.rest() }

        test("a body for which there is no thread fails alone, and others have theirs later").config(enabled = canBeLimited) {
            sayings("bodies") shouldContainExactly
                listOf(none, none, "a body that had its thread goes on", "${List(5) { "a body" }}", "run has returned")
        }

        test("whoever calls in a thread that there is not hears of it").config(enabled = canBeLimited) {
            sayings("calls") shouldContainExactly
                listOf(
                    "a thread of the default executor, which ends without one that waits for it",
                    none,
                    none,
                    none,
                    none,
                    "a thread of one's own: unable to create native thread",
                    "run has returned",
                )
        }

        test("a generator on a stack of its own for which there is no thread fails alone").config(enabled = canBeLimited) {
            // Virtual threads take turns on those that there are.
            val outcome = if (Runtime.version().feature() < 24) none else "[1, 2]"
            sayings("generators") shouldContainExactly listOf(outcome, "[1, 2]", "run has returned")
        }

        test("a pipe that cannot have a thread is lost, and closed").config(enabled = canBeLimited) {
            sayings("pipes") shouldContainExactly listOf(none, "the stream is closed", none, "run has returned")
        }

        test("the end of a child is heard where no thread could be made for it").config(enabled = canBeLimited) {
            sayings("processes") shouldContainExactly listOf("a child", "it has ended with 0", "run has returned")
        }
    })
