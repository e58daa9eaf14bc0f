// SPDX-License-Identifier: Apache-2.0
package dev.simul.house

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.comparables.shouldBeGreaterThanOrEqualTo
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import org.junit.platform.engine.TestExecutionResult
import org.junit.platform.engine.UniqueId
import org.junit.platform.engine.support.descriptor.EngineDescriptor
import org.junit.platform.launcher.TestIdentifier
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.TimeSource

private fun identified(name: String) = TestIdentifier.from(EngineDescriptor(UniqueId.forEngine(name), name))

class WatchdogTest :
    FunSpec({
        val told = CopyOnWriteArrayList<String>()
        beforeTest { told.clear() }

        test("a test that hangs is told of once, with what all threads do, and the JVM halted later") {
            val halted = CountDownLatch(1)
            val hangs = CountDownLatch(1)
            val hanging = thread(name = "hanging") { hangs.await() }
            val begin = TimeSource.Monotonic.markNow()
            val watchdog = Watchdog(50.milliseconds, 150.milliseconds, told::add, halted::countDown)
            watchdog.executionStarted(identified("engine"))
            watchdog.executionStarted(identified("first"))
            watchdog.executionFinished(identified("first"), TestExecutionResult.successful())
            watchdog.executionStarted(identified("second"))
            watchdog.begin()
            halted.await(60, TimeUnit.SECONDS) shouldBe true
            begin.elapsedNow() shouldBeGreaterThanOrEqualTo 150.milliseconds
            val (warning, end) = told
            warning shouldStartWith "WATCHDOG: engine > second has been running for 50ms"
            val dumped = warning.substringAfter("\"hanging\" #").substringBefore("\n\n")
            dumped shouldContain "WAITING on java.util.concurrent.CountDownLatch"
            dumped shouldContain "dev.simul.house.WatchdogTest"
            end shouldBe "WATCHDOG: engine > second has been running for 150ms, and the JVM is halted"
            watchdog.end()
            hangs.countDown()
            hanging.join()
        }

        test("tests that end, and the time after the last one, are not told of") {
            val watchdog = Watchdog(1.hours, 2.hours, told::add) { told += "halted" }
            watchdog.begin()
            repeat(3) {
                watchdog.executionStarted(identified("test"))
                watchdog.executionFinished(identified("test"), TestExecutionResult.successful())
            }
            watchdog.end()
            told.shouldBeEmpty()
        }

        test("a dump shows virtual threads where the JVM can, and those that do the same once") {
            val start = Thread::class.java.methods.find { it.name == "startVirtualThread" }
            val begun = CountDownLatch(100)
            val hangs = CountDownLatch(1)
            val hang =
                Runnable {
                    begun.countDown()
                    hangs.await()
                }
            val many = List(50) { thread(name = "one of many", block = hang::run) }
            repeat(50) { if (start == null) begun.countDown() else start.invoke(null, hang) }
            begun.await()
            while (many.any { it.state != Thread.State.WAITING }) Thread.sleep(1)
            val stacks = threadDump().split("\n\n").filter { "WatchdogTest" in it }
            hangs.countDown()
            stacks.sumOf { it.lines().count { line -> line.startsWith("\"one of many\"") } } shouldBe 20
            if (start != null) stacks.any { " virtual\n" in it } shouldBe true
        }

        test("the platform has a watchdog, and it sees the tests of Kotest") {
            watchedTests().last() shouldBe "the platform has a watchdog, and it sees the tests of Kotest"
        }
    })
