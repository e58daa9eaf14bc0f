// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.Future
import dev.simul.coroutine
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.observe.formatCallGraph
import dev.simul.run
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.VirtualClock
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import org.slf4j.event.Level
import java.util.concurrent.CompletableFuture
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource

private fun debugging() = VirtualClock().newLoop().also { it.debug = true }

private fun EventLoop.runOnce() {
    stop()
    runForever()
}

/** What [call] throws in a thread of its own. */
private fun thrownElsewhere(call: () -> Unit): Throwable? {
    val outcome = CompletableFuture<Throwable?>()
    thread { outcome.complete(runCatching(call).exceptionOrNull()) }
    return outcome.get()
}

private fun Throwable.isOriginHere() = this is Origin && stackTrace.any { "DebugModeTest" in it.className }

class DebugModeTest :
    FunSpec({
        context("switching it on") {
            test("is off by default, and a property of the loop") {
                val loop = VirtualClock().newLoop()
                loop.debug shouldBe false
                loop.debug = true
                loop.debug shouldBe true
            }

            test("the system property simul.debug switches it on for new loops") {
                val expected =
                    mapOf(
                        "true" to true,
                        "1" to true,
                        "" to true,
                        "yes" to true,
                        "false" to false,
                        "FALSE" to false,
                        "0" to false,
                    )
                val before = System.getProperty("simul.debug")
                try {
                    for ((setting, debug) in expected) {
                        System.setProperty("simul.debug", setting)
                        VirtualClock().newLoop().debug shouldBe debug
                    }
                } finally {
                    if (before == null) {
                        System.clearProperty(
                            "simul.debug",
                        )
                    } else {
                        System.setProperty("simul.debug", before)
                    }
                }
            }
        }

        context("slow callbacks") {
            test("are logged from the set duration on") {
                val loop = debugging()
                loop.slowCallbackDuration shouldBe 100.milliseconds
                loop.slowCallbackDuration = Duration.ZERO
                loop.callSoon {}
                val log = RecordedLog.during { loop.runOnce() }
                log shouldHaveSize 1
                log[0].level shouldBe Level.WARN
                log[0].message shouldStartWith "Executing "
                log[0].message shouldContain " took "
            }

            test("are measured by the loop's clock") {
                val clock = VirtualClock()
                val loop = clock.newLoop()
                loop.debug = true
                loop.callSoon { clock.advance(1.seconds) }
                loop.callSoon { Thread.sleep(150) }
                val log = RecordedLog.during { loop.runOnce() }
                log.map { it.message.substringAfter(" took ") } shouldContainExactly listOf("1s")
            }

            test("are named by their task") {
                val loop = debugging()
                loop.slowCallbackDuration = Duration.ZERO
                val log =
                    RecordedLog.during {
                        val task = loop.createTask("slow one") { sleep(1.seconds) }
                        loop.runUntilComplete(task)
                    }
                log.first().message shouldContain "slow one"
            }

            test("are not logged below that, nor without debug mode") {
                val loop = debugging()
                loop.slowCallbackDuration = Duration.INFINITE
                loop.callSoon {}
                RecordedLog.during { loop.runOnce() }.shouldBeEmpty()
                loop.slowCallbackDuration = Duration.ZERO
                loop.debug = false
                loop.callSoon {}
                RecordedLog.during { loop.runOnce() }.shouldBeEmpty()
            }
        }

        context("another thread") {
            fun calls(loop: EventLoop): Map<String, () -> Unit> {
                val future = loop.createFuture<Unit>()
                loop.createTask { future.await() }
                val observed = loop.createFuture<Unit>()
                observed.addDoneCallback {}
                val timer = loop.callLater(1.hours) {}
                return mapOf(
                    "callSoon" to { loop.callSoon {} },
                    "callLater" to { loop.callLater(1.seconds) {} },
                    "callAt" to { loop.callAt(1.seconds) {} },
                    "cancel of a timer" to { timer.cancel() },
                    "createTask" to { loop.createTask {} },
                    "setResult, with a callback" to { observed.setResult(Unit) },
                    "setResult, with a task that waits" to { future.setResult(Unit) },
                )
            }

            test("is refused what only the loop's thread may do, while that runs the loop") {
                val loop = debugging()
                val calls = calls(loop)
                val messages = mutableMapOf<String, String?>()
                loop.callSoon {
                    loop.callSoon {
                        for ((name, call) in calls) messages[name] = thrownElsewhere(call)?.message
                        loop.stop()
                    }
                }
                loop.runForever()
                for (name in calls.keys) messages[name].toString() shouldContain "Non-thread-safe operation"
                messages["callSoon"].toString() shouldContain "use callSoonThreadsafe"
            }

            test("may do all of it while no thread runs the loop") {
                val loop = debugging()
                for (call in calls(loop).values) thrownElsewhere(call) shouldBe null
                loop.runOnce()
            }

            test("is not noticed without debug mode") {
                val loop = VirtualClock().newLoop()
                loop.callSoon {
                    thrownElsewhere { loop.callSoon {} } shouldBe null
                    loop.stop()
                }
                loop.runForever()
            }

            test("may use callSoonThreadsafe") {
                val loop = debugging()
                loop.callSoon { thrownElsewhere { loop.callSoonThreadsafe { loop.stop() } } shouldBe null }
                loop.runForever()
            }
        }

        context("origins") {
            fun report(
                debug: Boolean,
                cause: (EventLoop) -> Unit,
            ): List<ExceptionContext> {
                val loop = VirtualClock().newLoop()
                loop.debug = debug
                val seen = mutableListOf<ExceptionContext>()
                loop.exceptionHandler = ExceptionHandler { _, context -> seen += context }
                cause(loop)
                loop.runOnce()
                loop.close()
                return seen
            }

            val causes =
                mapOf<String, (EventLoop) -> Any>(
                    "a callback" to { it.callSoon { throw ArithmeticException() } },
                    "a timer" to { it.callLater(Duration.ZERO) { throw ArithmeticException() } },
                    "a thread-safe callback" to { it.callSoonThreadsafe { throw ArithmeticException() } },
                    "a future" to { loop -> loop.createFuture<Unit>().also { it.setException(ArithmeticException()) } },
                    "a task" to { it.createTask<Unit> { throw ArithmeticException() } },
                    "a task that is pending when the loop closes" to { loop ->
                        loop.createTask { Future<Unit>(loop).await() }
                    },
                )

            for ((name, cause) in causes) {
                test("of $name are in the report of its failure") {
                    var kept: Any? = null
                    val reports = report(debug = true) { kept = cause(it) }
                    kept shouldNotBe null
                    reports shouldHaveSize 1
                    reports[0].origin?.isOriginHere() shouldBe true
                }

                test("of $name are not kept without debug mode") {
                    var kept: Any? = null
                    val reports = report(debug = false) { kept = cause(it) }
                    kept shouldNotBe null
                    reports shouldHaveSize 1
                    reports[0].origin shouldBe null
                }
            }

            test("go to the log with the exception") {
                val loop = debugging()
                loop.slowCallbackDuration = Duration.INFINITE
                loop.callSoon { throw ArithmeticException() }
                val log = RecordedLog.during { loop.runOnce() }
                log.map { it.thrown?.suppressed?.singleOrNull()?.isOriginHere() } shouldContainExactly listOf(true)
            }
        }

        context("coroutines") {
            /** What is reported until garbage collection has found something, or the time is over. */
            fun reportsOf(
                debug: Boolean,
                time: Duration,
                make: suspend () -> Unit,
            ): List<ExceptionContext> {
                val seen = mutableListOf<ExceptionContext>()
                run(debug = debug) {
                    getRunningLoop().exceptionHandler = ExceptionHandler { _, context -> seen += context }
                    make()
                    val begin = TimeSource.Monotonic.markNow()
                    while (seen.isEmpty() && begin.elapsedNow() < time) {
                        System.gc()
                        sleep(1.milliseconds)
                    }
                }
                return seen
            }

            test("that were never awaited are reported with their origin") {
                val reports = reportsOf(debug = true, time = 1.minutes) { coroutine { } }
                reports.map { it.message } shouldContainExactly listOf("coroutine was never awaited")
                reports[0].origin?.isOriginHere() shouldBe true
            }

            test("that were never awaited are reported when the loop closes, if nobody has collected them") {
                val seen = mutableListOf<String>()
                var kept: Any? = null
                run(debug = true) {
                    getRunningLoop().exceptionHandler = ExceptionHandler { _, context -> seen += context.message }
                    kept = coroutine { }
                    coroutine { }.await()
                }
                kept shouldNotBe null
                seen shouldContainExactly listOf("coroutine was never awaited")
            }

            test("that were awaited, handed over or closed are not reported") {
                reportsOf(debug = true, time = 50.milliseconds) {
                    coroutine { }.await()
                    createTask(coroutine { }).await()
                    coroutine { }.close()
                }.shouldBeEmpty()
            }

            test("are reported without debug mode too: with their line, but not with the place that made them") {
                val reports = reportsOf(debug = false, time = 1.minutes) { coroutine { sleep(1.milliseconds) } }
                reports.map { it.message } shouldContainExactly listOf("coroutine was never awaited")
                reports[0]["coroutine"].toString() shouldContain Regex("DebugModeTest.*invokeSuspend\\(DebugModeTest.kt:\\d+\\)")
                reports[0].origin shouldBe null
            }

            test("are watched in part without debug mode if there are many") {
                val seen = mutableListOf<String>()
                val kept = mutableListOf<Any>()
                run(debug = false) {
                    getRunningLoop().exceptionHandler = ExceptionHandler { _, context -> seen += context.message }
                    repeat(1_000 + 64 * 3) { kept += coroutine { } }
                }
                kept shouldHaveSize 1_192
                (seen.size in 1_002..1_003) shouldBe true
            }

            test("are shown in a call graph where they were made") {
                run(debug = true) {
                    val task = createTask { sleep(1.milliseconds) }
                    formatCallGraph(task) shouldContain
                        Regex("\n  \\+ Made at:\n  \\|   dev.simul.loop.DebugModeTest\\S+\\(DebugModeTest.kt:\\d+\\)")
                }
            }

            test("have at most ten frames of those that made them, none of them this library's") {
                run(debug = true) {
                    fun make(depth: Int): Future<Unit> = if (depth == 0) Future() else make(depth - 1)
                    val frames = make(20).origin!!.stackTrace
                    frames shouldHaveSize 10
                    frames.all { it.fileName == "DebugModeTest.kt" } shouldBe true
                }
            }
        }
    })
