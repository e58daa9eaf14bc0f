// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.loop.getRunningLoop
import dev.simul.runInExecutor
import dev.simul.sleep
import dev.simul.streams.openConnection
import dev.simul.streams.startServer
import dev.simul.testing.Deadlock
import dev.simul.testing.ReportedErrors
import dev.simul.testing.expect
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import java.util.concurrent.Executors
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class EndTest :
    FunSpec({
        test("when the block ends, the hosts end one after the other, and others still serve them") {
            val seen = ArrayList<String>()
            simulate(1) {
                for (name in listOf("a", "b")) {
                    host(name) {
                        try {
                            sleep(1.hours)
                        } finally {
                            sleep(1.seconds)
                            seen += "$name at $now"
                        }
                    }
                }
                createTask {
                    try {
                        sleep(1.hours)
                    } finally {
                        seen += "main's task at $now"
                    }
                }
                sleep(1.seconds)
            }
            seen shouldContainExactly listOf("main's task at 1s", "a at 2s", "b at 3s")
        }

        test("a host ends when its main does, with its other tasks") {
            val seen = ArrayList<String>()
            simulate(1) {
                val host =
                    host("a") {
                        createTask {
                            try {
                                sleep(1.hours)
                            } finally {
                                seen += "cancelled at $now"
                            }
                        }
                        sleep(1.seconds)
                    }
                sleep(2.seconds)
                host.isRunning shouldBe false
            }
            seen shouldContainExactly listOf("cancelled at 1s")
        }

        test("a deadlock names the hosts and their stuck tasks, and shows where they wait") {
            val failure =
                shouldThrow<Deadlock> {
                    simulate(1) {
                        host("a") { getRunningLoop().createFuture<Unit>().await() }
                        host("b") { sleep(3.seconds) }
                        getRunningLoop().createFuture<Unit>().await()
                    }
                }
            failure.message shouldContain "deadlock at 3s: nothing more can happen, and 2 task(s) are stuck"
            failure.message shouldContain "host main:\n    Task-1 waits for"
            failure.message shouldContain "host a:\n    Task-1 waits for"
            failure.message shouldNotContain "host b"
            failure.suppressed.flatMap { it.stackTrace.toList() }.any { it.fileName == "EndTest.kt" } shouldBe true
        }

        test("a task that refuses to end is a failure") {
            val failure =
                shouldThrow<Deadlock> {
                    simulate(1) {
                        host("a") {
                            while (true) {
                                try {
                                    sleep(1.seconds)
                                } catch (_: dev.simul.exceptions.CancelledException) {
                                }
                            }
                        }
                        sleep(1.seconds)
                    }
                }
            failure.message shouldContain "host a has not ended after an hour"
        }

        test("a program that never lets time pass is a failure") {
            shouldThrow<AssertionError> {
                simulate(
                    1,
                ) { while (true) sleep(Duration.ZERO) }
            }.message shouldContain
                "time stands still at 0s: 1000000 turns of host main have not ended what is ready now " +
                "(local traffic and toThread take no time: sleep in what repeats them), and 1 task(s) are stuck"
        }

        test("the failure of the block names the seed, and has the transcript") {
            val failure =
                shouldThrow<IllegalStateException> {
                    simulate(7, Schedule.CHAOS) {
                        host("a") { sleep(1.seconds) }
                        sleep(2.seconds)
                        log("about to fail")
                        error("it is too late")
                    }
                }
            failure.message shouldBe "it is too late"
            val report = failure.suppressed.filterIsInstance<SimulationFailure>().single()
            report.seed shouldBe 7
            report.message shouldContain "the seed was 7, with Schedule.CHAOS: to run it again, set SIMUL_SEED=7."
            report.message shouldContain "1s  a     main ends"
            report.message shouldContain "2s  main  about to fail"
        }

        test("without a seed, the one that was set decides") {
            System.setProperty("simul.seed", "23")
            try {
                val failure = shouldThrow<IllegalStateException> { simulate { error("always") } }
                failure.suppressed.filterIsInstance<SimulationFailure>().single().seed shouldBe 23
                System.setProperty("simul.seed", "some")
                shouldThrow<IllegalArgumentException> { simulate { } }.message shouldBe
                    "SIMUL_SEED is 'some': it must be a seed, such as 7, or what a failure printed, such as choices:3,z12,5"
            } finally {
                System.clearProperty("simul.seed")
            }
        }

        test("an exception that nobody retrieves is a failure, unless it is expected") {
            val program: suspend Simulation.() -> Unit = {
                createTask { error("nobody looks") }
                sleep(1.seconds)
            }
            val failure = shouldThrow<AssertionError> { simulate(1) { program() } }
            failure.message shouldContain "Task exception was never retrieved"
            failure.cause!!.message shouldBe "nobody looks"
            simulate(1) {
                ReportedErrors.ofRunningTest().expect<IllegalStateException>()
                program()
            }
        }

        test("a main that fails is thrown by join; if nobody joins, the simulation fails") {
            simulate(1) {
                val host = host("a") { error("broken") }
                sleep(1.seconds)
                shouldThrow<IllegalStateException> { host.join() }.message shouldBe "broken"
            }
            val failure = shouldThrow<AssertionError> { simulate(1) { host("a") { error("broken") }.also { sleep(1.seconds) } } }
            failure.message shouldContain "the main of host a failed, and nobody joined it"
            failure.cause!!.message shouldBe "broken"
        }

        test("whoever joins a failed main is told, and a restart does not hide what nobody was told") {
            simulate {
                val host = host("host") { error("corrupt") }
                repeat(2) { shouldThrow<IllegalStateException> { host.join() }.message shouldBe "corrupt" }
            }
            var lives = 0
            shouldThrow<AssertionError> {
                simulate {
                    val host = host("host") { if (++lives == 1) error("corrupt") }
                    sleep(1.seconds)
                    host.restart()
                    host.join()
                }
            }.toString() shouldContain "nobody joined it"
        }

        test("a socket that is left open is a failure") {
            val failure =
                shouldThrow<IllegalStateException> { simulate(1) { getRunningLoop().selectorProvider.openSocketChannel() } }
            failure.message shouldContain "host main has left 1 socket(s) open"
            val ofOther =
                shouldThrow<IllegalStateException> {
                    simulate(1) { host("a") { getRunningLoop().selectorProvider.openSocketChannel() }.join() }
                }
            ofOther.message shouldContain "host a has left 1 socket(s) open"
        }

        test("a program that ends well leaves no thread behind") {
            val before = Thread.getAllStackTraces().keys
            simulate(1) {
                host("server") { startServer("0.0.0.0", 80) { _, writer -> writer.close() }.serveForever() }
                sleep(1.milliseconds)
                val (reader, writer) = openConnection("server", 80)
                reader.read()
                writer.aclose()
                getRunningLoop().runInExecutor { Thread.currentThread().name }.await() shouldBe Thread.currentThread().name
            }
            (Thread.getAllStackTraces().keys - before).map { it.name }.filter { "simul" in it || "asyncio" in it } shouldContainExactly
                emptyList()
        }

        test("turns are counted for each host, and anew when a thread hands in its result") {
            val executor = Executors.newSingleThreadExecutor()
            try {
                simulate(1) {
                    val hosts = listOf("a", "b").map { host(it) { repeat(400_000) { sleep(Duration.ZERO) } } }
                    repeat(3) {
                        repeat(400_000) { sleep(Duration.ZERO) }
                        getRunningLoop().runInExecutor(executor) { }.await()
                    }
                    hosts.forEach { it.join() }
                    now shouldBe Duration.ZERO
                }
            } finally {
                executor.shutdownNow()
            }
        }

        test("an interrupt while the block runs closes the hosts without another turn") {
            val seen = ArrayList<String>()
            shouldThrow<InterruptedException> {
                simulate(1) {
                    host("a") { seen.addWhenCancelled("a") }
                    sleep(1.seconds)
                    Thread.currentThread().interrupt()
                    seen.addWhenCancelled("main")
                }
            }
            seen.shouldBeEmpty()
            Thread.interrupted() shouldBe false
        }

        test("an interrupt while a host ends closes those that are left without another turn, and is what is thrown") {
            val seen = ArrayList<String>()
            val thrown =
                shouldThrow<InterruptedException> {
                    simulate(1) {
                        host("a") { seen.addWhenCancelled("a") }
                        createTask {
                            try {
                                sleep(1.hours)
                            } finally {
                                Thread.currentThread().interrupt()
                                sleep(1.hours)
                                seen += "main's task"
                            }
                        }
                        sleep(1.seconds)
                        error("the block fails")
                    }
                }
            thrown.suppressed.map { it.message } shouldContain "the block fails"
            seen.shouldBeEmpty()
            Thread.interrupted() shouldBe false
        }

        test("an interrupt of the thread ends a simulation") {
            shouldThrow<InterruptedException> {
                simulate(1) {
                    Thread.currentThread().interrupt()
                    while (true) sleep(1.seconds)
                }
            }
            Thread.interrupted()
        }
    })

private suspend fun MutableList<String>.addWhenCancelled(name: String) {
    try {
        sleep(1.hours)
    } finally {
        this += name
    }
}
