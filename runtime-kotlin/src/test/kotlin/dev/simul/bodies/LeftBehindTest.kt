// SPDX-License-Identifier: Apache-2.0
package dev.simul.bodies

import dev.simul.Child
import dev.simul.coroutine
import dev.simul.createTask
import dev.simul.generators.generator
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.interop.onOwnStack
import dev.simul.interop.sleeping
import dev.simul.loop.EventLoop
import dev.simul.loop.setEventLoop
import dev.simul.toThread
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import java.net.URLClassLoader
import java.time.Duration

/** Bodies, generators and threads of the default executor that leave all they can behind, and look for what others have left. */
internal object LeftBehind {
    private val local = ThreadLocal<String?>()
    private val inherited = InheritableThreadLocal<String?>()
    private val loader = URLClassLoader(emptyArray())
    private val loop = EventLoop()
    private val threads = HashSet<Thread>()
    private val given = HashMap<Thread, String>()
    private val found = sortedSetOf<String>()
    private var looks = 0

    @JvmStatic
    fun main(args: Array<String>) {
        val carrier = Carrier.byDefault(args[0].substringAfter(' '))
        when (args[0].substringBefore(' ')) {
            "bodies" -> oneAfterTheOther(carrier) { lookAndLeave() }
            "waiting" -> atOnce(carrier)
            "generators" -> oneAfterTheOther(carrier) { generator<Unit, Unit, Unit>(onOwnStack { lookAndLeave() }).toList() }
            "executor" -> executor(carrier)
        }
        println("$looks looked on ${if (threads.size < looks) "threads that were used again" else "threads of their own"}, found $found")
    }

    private fun oneAfterTheOther(
        carrier: Carrier,
        work: () -> Unit,
    ) = onVirtualTime(carrier) { repeat(100) { bodyOf { work() }.await() } }

    /** Each has its first turn, and its last one, while others wait that have left things on their threads. */
    private fun atOnce(carrier: Carrier) =
        onVirtualTime(carrier) {
            repeat(5) {
                List(20) {
                    createTask(
                        bodyOf {
                            lookAndLeave()
                            awaitInBody(sleeping(Duration.ofSeconds(1), Unit))
                        },
                    )
                }.forEach { it.await() }
            }
        }

    /** Its threads are the caller's business, but what the body has that makes one of them is not. */
    private fun executor(carrier: Carrier) =
        onVirtualTime(carrier) {
            bodyOf {
                leave()
                awaitInBody(coroutine { toThread { look() } })
            }.await()
        }

    private fun lookAndLeave() {
        look()
        leave()
    }

    private fun look() {
        val thread = Thread.currentThread()
        looks++
        threads += thread
        if (local.get() != null) found += "a ThreadLocal"
        if (inherited.get() != null) found += "an InheritableThreadLocal"
        if (thread.contextClassLoader !== ClassLoader.getSystemClassLoader()) found += "a class loader"
        if (thread.priority != Thread.NORM_PRIORITY) found += "a priority"
        if (thread.name != given.getOrPut(thread) { thread.name } || "mine" in thread.name) found += "a name"
        if (thread.uncaughtExceptionHandler !== thread.threadGroup) found += "a handler"
        if (thread.isInterrupted) found += "an interrupt"
    }

    private fun leave() {
        val thread = Thread.currentThread()
        local.set("mine")
        inherited.set("mine")
        thread.contextClassLoader = loader
        thread.priority = Thread.MIN_PRIORITY
        thread.name = "mine"
        thread.setUncaughtExceptionHandler { _, _ -> }
        setEventLoop(loop)
        thread.interrupt()
    }
}

class LeftBehindTest :
    FunSpec({
        fun sayings(
            program: String,
            isOpen: Boolean,
        ): List<String> = Child(LeftBehind::class.java.name, program, isOpen = isOpen).use { it.rest() }

        for (isOpen in listOf(false, true)) {
            val jvm = if (isOpen) "that is open" else "without a flag"
            val carriers = Carrier.entries.filter { it.isAvailable && (isOpen || it != Carrier.PUMPED) }

            for (carrier in carriers) {
                context("in a JVM $jvm, on $carrier") {
                    val reuses = carrier == Carrier.PLATFORM && (isOpen || Runtime.version().feature() < 24)

                    fun looked(
                        times: Int,
                        reused: Boolean = reuses,
                    ) = "$times looked on ${if (reused) "threads that were used again" else "threads of their own"}, found []"

                    test("a body finds nothing of those before it") {
                        sayings("bodies $carrier", isOpen) shouldContainExactly listOf(looked(100))
                    }

                    test("a body finds nothing of those that are waiting") {
                        sayings("waiting $carrier", isOpen) shouldContainExactly listOf(looked(100))
                    }

                    test("a generator on a stack of its own finds nothing of those before it") {
                        sayings("generators $carrier", isOpen) shouldContainExactly listOf(looked(100, Runtime.version().feature() < 24))
                    }

                    test("a thread of the default executor inherits nothing from a body") {
                        sayings("executor $carrier", isOpen) shouldContainExactly listOf(looked(1, false))
                    }
                }
            }
        }
    })
