// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.Child
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeFalse
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeGreaterThanOrEqual
import io.kotest.matchers.shouldBe
import dev.simul.run as runLoop

private fun EventLoop.runOnce() =
    apply {
        stop()
        runForever()
    }

/** Ends as tools do that run a program in their own JVM: by interrupting its threads. */
internal object InterruptedDaemons {
    @JvmStatic
    fun main(arguments: Array<String>) {
        Thread.setDefaultUncaughtExceptionHandler { thread, exception -> println("${thread.name}: $exception") }
        runLoop { }
        val daemons = Thread.getAllStackTraces().keys.filter { it.name.startsWith("simul-") }
        daemons.forEach { it.interrupt() }
        daemons.forEach { it.join() }
        println("${daemons.map { it.name }} has ended")
    }
}

class OpenLoopsTest :
    FunSpec({
        test("an interrupt ends the thread that looks at loops, without a word") {
            Child(InterruptedDaemons::class.java.name, "").use { it.line() shouldBe "[simul-watchdog] has ended" }
        }

        test("a loop is there from its first run until it is closed, in the order of the first runs") {
            val loops = List(3) { EventLoop() }

            fun those() = OpenLoops.all.filter { it in loops }
            those() shouldBe emptyList()
            for (loop in loops.reversed()) loop.runOnce()
            loops.first().runOnce()
            those() shouldContainExactly loops.reversed()
            loops[1].close()
            those() shouldContainExactly listOf(loops[2], loops[0])
            loops.forEach { it.close() }
            those() shouldBe emptyList()
        }

        test("a loop keeps its number, and no other gets it") {
            val loop = EventLoop().runOnce()
            val number = loop.number
            loop.runOnce().number shouldBe number
            loop.close()
            EventLoop().use { it.runOnce().number shouldBeGreaterThan number }
        }

        test("thousands of loops that ran and were closed leave nothing") {
            val before = OpenLoops.size
            repeat(5_000) { runLoop { } }
            (OpenLoops.size <= before).shouldBeTrue()
        }

        test("thousands of loops that nobody has closed are forgotten when they are collected") {
            val before = OpenLoops.size
            repeat(3_000) { EventLoop().runOnce() }
            OpenLoops.size shouldBeGreaterThanOrEqual 1
            while (true) {
                System.gc()
                EventLoop().use { it.runOnce() }
                if (OpenLoops.size <= before + 1) break
                Thread.sleep(10)
            }
        }

        test("a loop that cannot run does not begin") {
            val loop = EventLoop()
            loop.close()
            runCatching { loop.runForever() }.isSuccess.shouldBeFalse()
            loop.number shouldBe 0
        }
    })
