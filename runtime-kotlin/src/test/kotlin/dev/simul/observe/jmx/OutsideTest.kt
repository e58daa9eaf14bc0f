// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.Child
import dev.simul.house.Jdk
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.booleans.shouldBeFalse
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.longs.shouldBeGreaterThan
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith

private const val PROGRAMS = "dev.simul.observe.jmx.ObservedProgramsKt"

/** Runs [test] with that program, in a JVM without a flag. Whatever it prints beside what it says itself fails the test. */
private fun observing(
    program: String,
    jdk: Jdk,
    test: (Outside) -> Unit,
) {
    Child(PROGRAMS, program, isOpen = false, java = jdk.home).use { child ->
        child.await("ready").shouldBeEmpty()
        Outside(child.pid).use { outside ->
            outside.awaitRegistration()
            test(outside)
        }
        child.endInput()
        child.rest() shouldContainExactly listOf("ended")
        child.exitStatus() shouldBe 0
    }
}

private fun sayings(
    program: String,
    vararg options: String,
): List<String> = Child(PROGRAMS, program, options.asList(), isOpen = false).use { it.rest() }

class OutsideTest :
    FunSpec({
        for (jdk in Jdk.all()) {
            context("a program on $jdk") {
                test("shows its tasks to another process, and prints nothing") {
                    observing("parked", jdk) { outside ->
                        val seen = outside.snapshot().single()
                        seen.id shouldBe 1
                        seen.isAnswer.shouldBeTrue()
                        seen.thread shouldBe "main"
                        seen.busyStack.shouldBeEmpty()
                        seen.numbers shouldBe mapOf("ready" to 0, "tasks" to 4, "timers" to 1, "connections" to 0)
                        seen.turns shouldBeGreaterThan 0
                        seen.tasks.map { it.state }.toSet() shouldBe setOf("waiting")
                        seen.tasks.drop(1).map { it.name } shouldContainExactly listOf("sleeper", "locker", "gatherer")
                        seen.task("locker").waitingFor shouldBe "Lock.acquire of <Lock [locked, waiters:1]>, last acquired by locker"
                        seen.awaitedBy("gatherer") shouldContainExactly listOf("sleeper", "locker")
                        seen.task("locker").stack.first() shouldStartWith
                            "async dev.simul.observe.jmx.ObservedProgramsKt.acquireTwice(ObservedPrograms.kt:"
                        seen.task("sleeper").coroutine shouldContain "(ObservedPrograms.kt:"

                        val again = outside.snapshot(stacks = false).single()
                        again.tasks.map { it.id } shouldBe seen.tasks.map { it.id }
                        again.tasks.flatMap { it.stack }.shouldBeEmpty()
                        outside.attribute("Tasks") shouldBe 4L
                        outside.attachTop(true)
                        outside.attachTop(false)
                        outside.snapshot(stacks = false).single().exactTimes.shouldBeFalse()
                    }
                }

                for ((program, where) in listOf("spins" to "ObservedProgramsKt.spin(", "blocks" to "CountDownLatch.await(")) {
                    test("that $program is shown while it does, with its stack") {
                        observing(program, jdk) { outside ->
                            outside.snapshot()
                            val asked = System.nanoTime()
                            val seen = outside.snapshot().single()
                            // Twice 200 ms, and what a busy machine may add.
                            (System.nanoTime() - asked) shouldBeLessThan 10_000_000_000
                            seen.isAnswer.shouldBeFalse()
                            seen.state shouldBe "running"
                            seen.lagNanos shouldBeGreaterThan 199_000_000
                            seen.busyTask shouldBe seen.task("holder").id
                            seen.busyStack.joinToString("\n") shouldContain where
                            seen.task("holder").state shouldBe "running"
                            seen.task("holder").stack.joinToString("\n") shouldContain where
                            seen.task("sleeper").state shouldBe "waiting"
                            seen.task("sleeper").stack.joinToString("\n") shouldContain "ObservedProgramsKt.waitUntilCancelled("
                        }
                    }
                }
            }
        }

        test("the MBean is registered once a loop has lived, by a daemon") {
            sayings("tells registration") shouldContainExactly
                listOf(
                    "at first: false",
                    "by simul-watchdog, a daemon",
                    "late: true",
                    "a later loop: true",
                )
        }

        test("the MBean is gone when no loop has run for long, and is there again for a later one") {
            sayings("comes back") shouldContainExactly listOf("shown", "no longer", "shown", "no longer")
        }

        test("loops that live for short register nothing, and leave nothing") {
            sayings("many") shouldContainExactly listOf("open: 0", "MBean servers: 0")
        }

        test("a system property turns it off") {
            for (off in listOf("false", "0")) {
                withClue(off) {
                    sayings("lives for long", "-Dsimul.jmx=$off") shouldContainExactly
                        listOf("MBean servers: 0", "open: true")
                }
            }
            sayings("lives for long", "-Dsimul.jmx=true") shouldContainExactly listOf("MBean servers: 1", "open: true")
        }

        test("a JVM without java.management runs the program, and says nothing") {
            val without = listOf("--limit-modules", "java.base,java.logging,jdk.unsupported")
            Child(Unobserved::class.java.name, "", without, isOpen = false).use { it.rest() } shouldContainExactly
                listOf("management: false", "the observer sleeps")
        }
    })
