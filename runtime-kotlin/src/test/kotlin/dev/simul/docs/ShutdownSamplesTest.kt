// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.Child
import dev.simul.IgnoredSignals
import dev.simul.Task
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.SystemExit
import dev.simul.loop.ExceptionHandler
import dev.simul.loop.getRunningLoop
import dev.simul.net.onLoop
import dev.simul.process.PIPE
import dev.simul.process.createSubprocessExec
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import io.kotest.matchers.shouldBe
import sun.misc.Signal
import java.net.Socket
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

class ShutdownSamplesTest :
    FunSpec({
        val signals = { _: Any -> IgnoredSignals.obstacle?.let(Enabled::disabled) ?: Enabled.enabled }
        val samples = PrintedSample.of("shutdown.md")

        for (sample in samples) {
            test("$sample prints what the guide shows") {
                sample.verify { if (sample.function == "leftBehind") leftBehind() else runTest { drained() } }
            }
        }

        test("the guide shows what its programs print") {
            samples.map { it.function } shouldContainExactlyInAnyOrder listOf("leftBehind", "drained")
        }

        context("the end of run") {
            test("a task that cleans up for long is waited for, and one that ignores its cancellation too") {
                val events = mutableListOf<String>()
                runTest {
                    createTask {
                        try {
                            sleep(1.hours)
                        } catch (_: CancelledException) {
                        }
                        sleep(2.hours)
                        events += "ended at ${getRunningLoop().time()}"
                    }
                    sleep(Duration.ZERO)
                }
                events shouldContainExactly listOf("ended at 2h")
            }

            test("what fails while it is cancelled is reported") {
                reportsOfEnd { error("cannot save") } shouldContainExactly listOf("unhandled exception during run() shutdown")
            }

            test("a task that begins while the others are cancelled is destroyed with the loop, and reported") {
                reportsOfEnd { createTask { sleep(1.hours) } } shouldContainExactly listOf("Task was destroyed but it is pending!")
            }

            test("an interrupt of the thread cancels all tasks and ends run") {
                val events = mutableListOf<String>()
                lateinit var task: Task<*>
                val runner =
                    thread {
                        try {
                            runLoop {
                                task = createTask { sleep(1.hours) }
                                val main = Thread.currentThread()
                                getRunningLoop().callLater(10.milliseconds) { main.interrupt() }
                                sleep(1.hours)
                            }
                        } catch (e: InterruptedException) {
                            events += "interrupted, cancelled: ${task.cancelled()}"
                        }
                    }
                runner.join()
                events shouldContainExactly listOf("interrupted, cancelled: true")
            }
        }

        test("SIGTERM is the exit status of a program that is cancelled by it").config(enabledOrReasonIf = signals) {
            shouldThrow<SystemExit> {
                runLoop {
                    untilTold {
                        Signal.raise(Signal("TERM"))
                        sleep(1.minutes)
                    }
                }
            }.code shouldBe 143
        }

        test("a child that obeys ends by TERM, one that does not by KILL, together with its own children").config(
            enabledOrReasonIf = signals,
        ) {
            onLoop {
                val obeying = createSubprocessExec("sleep", "1000")
                stop(obeying, 1.minutes) shouldBe -15
                stop(obeying, 1.minutes) shouldBe -15
                val script = "trap '' TERM; sleep 1000 & echo ready; wait; sleep 1000"
                val stubborn = createSubprocessExec("sh", "-c", script, stdout = PIPE)
                stubborn.stdout!!.readline()
                stop(stubborn, 100.milliseconds) shouldBe -9
                stubborn.stdout.read().size shouldBe 0 // Its child held the pipe.
            }
        }

        for (signal in listOf("TERM", "INT")) {
            test("the server stores all that was received, and ends by itself at $signal").config(enabledOrReasonIf = signals) {
                Child("dev.simul.docs.shutdown.LineStoreKt", "").use { server -> server.storesAllAt(signal) }
            }
        }
    })

/** What is reported when a run ends whose only task then does [cleanUp]. */
private fun reportsOfEnd(cleanUp: () -> Unit): List<String> {
    val reports = mutableListOf<String>()
    runLoop {
        getRunningLoop().exceptionHandler = ExceptionHandler { _, report -> reports += report.message }
        createTask {
            try {
                sleep(1.hours)
            } finally {
                cleanUp()
            }
        }
        sleep(Duration.ZERO)
    }
    return reports
}

private fun Child.storesAllAt(signal: String) {
    val port = line().substringAfterLast(":").toInt()
    Socket("127.0.0.1", port).use { idle ->
        idle.send("one", "two", "three")
        Socket("127.0.0.1", port).use { it.send("four") }
        signal(signal)
        rest() shouldContainExactly listOf("stopping", "stored 4 lines")
        exitStatus() shouldBe 0
    }
}

/** Returns when all [lines] were accepted. */
private fun Socket.send(vararg lines: String) {
    val answers = getInputStream().bufferedReader()
    for (line in lines) {
        getOutputStream().write("$line\n".encodeToByteArray())
        answers.readLine() shouldBe "ok"
    }
}
