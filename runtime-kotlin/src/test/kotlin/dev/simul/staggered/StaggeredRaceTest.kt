// SPDX-License-Identifier: Apache-2.0
package dev.simul.staggered

import dev.simul.Task
import dev.simul.allTasks
import dev.simul.createTask
import dev.simul.currentTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.sync.Event
import dev.simul.testing.runTest
import dev.simul.wait
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import dev.simul.timeout as timeLimit

private suspend fun sleepUntilCancelled(): Nothing {
    sleep(Duration.INFINITE)
    error("nobody cancels this")
}

class StaggeredRaceTest :
    FunSpec({
        val events = mutableListOf<String>()
        beforeTest { events.clear() }

        fun now() = getRunningLoop().time()

        loopTest("a race of nobody has no winner") {
            staggeredRace(emptyList<suspend () -> Int>(), null) shouldBe StaggeredResult(null, null, emptyList())
        }

        loopTest("the first that succeeds wins, and no other begins") {
            val attempts = List(2) { index -> suspend { "result $index" } }
            staggeredRace(attempts, null) shouldBe StaggeredResult("result 0", 0, listOf(null))
        }

        loopTest("when one has failed the next begins at once") {
            val failure = IllegalStateException("test")
            val race = staggeredRace(listOf(suspend { throw failure }, suspend { "done at ${now()}" }), 10.seconds)
            race shouldBe StaggeredResult("done at 0s", 1, listOf(failure, null))
        }

        loopTest("the next one begins beside it after the delay, and the loser is cancelled") {
            val race = staggeredRace(listOf(suspend { sleepUntilCancelled() }, suspend { now() }), 100.milliseconds)
            race.result shouldBe 100.milliseconds
            race.winner shouldBe 1
            race.exceptions shouldHaveSize 2
            race.exceptions[0].shouldBeInstanceOf<CancelledException>()
            race.exceptions[1] shouldBe null
        }

        loopTest("without a delay the next one waits for the failure of the last") {
            val attempts =
                listOf(
                    suspend {
                        sleep(1.seconds)
                        error("test")
                    },
                    suspend { now() },
                )
            staggeredRace(attempts, null).result shouldBe 1.seconds
        }

        loopTest("an earlier one's failure does not hurry the next one") {
            val attempts =
                listOf(
                    suspend {
                        sleep(150.milliseconds)
                        error("test")
                    },
                    suspend { sleepUntilCancelled() },
                    suspend { now() },
                )
            staggeredRace(attempts, 100.milliseconds).result shouldBe 200.milliseconds
        }

        loopTest("if all fail, each one's failure is told") {
            val failures = List(3) { IllegalStateException("test $it") }
            val race = staggeredRace(failures.map<_, suspend () -> Int> { { throw it } }, null)
            race shouldBe StaggeredResult(null, null, failures)
        }

        loopTest("of two that could win in one turn the first does, and the other is cancelled") {
            val event = Event()
            val attempts =
                listOf<suspend () -> Int>(
                    { event.wait().let { 0 } },
                    { event.wait().let { 1 } },
                    {
                        event.set()
                        sleepUntilCancelled()
                    },
                )
            val race = staggeredRace(attempts, 100.milliseconds)
            race.winner shouldBe 0
            race.exceptions.map { it?.javaClass } shouldContainExactly
                listOf(
                    null,
                    CancelledException::class.java,
                    CancelledException::class.java,
                )
        }

        loopTest("a cancellation reaches each attempt each time, and is thrown when all have ended") {
            shouldThrow<TimeoutException> {
                timeLimit(null) { outer ->
                    timeLimit(null) { inner ->
                        val attempt =
                            suspend {
                                for ((number, timeout) in listOf(inner, outer).withIndex()) {
                                    timeout.reschedule(now() - 1.seconds)
                                    sleep(Duration.ZERO)
                                    try {
                                        sleep(Duration.ZERO)
                                    } catch (_: CancelledException) {
                                        events += "cancelled ${number + 1}"
                                    }
                                }
                            }
                        try {
                            staggeredRace(listOf(attempt), null)
                        } catch (e: CancelledException) {
                            events += "cancelled 3"
                            throw e
                        }
                    }
                }
            }
            events shouldContainExactly listOf("cancelled 1", "cancelled 2", "cancelled 3")
        }

        loopTest("what succeeds although it was cancelled is discarded") {
            val stubborn =
                suspend {
                    try {
                        sleepUntilCancelled()
                    } catch (_: CancelledException) {
                        "late"
                    }
                }
            val race = staggeredRace(listOf(stubborn, suspend { "winner" }), 1.seconds) { events += "discarded $it" }
            race shouldBe StaggeredResult("winner", 1, listOf(null, null))
            events shouldContainExactly listOf("discarded late")
        }

        loopTest("the result is discarded if the calling task is cancelled in the turn of the success") {
            lateinit var racing: Task<*>
            val attempt =
                suspend {
                    sleep(1.seconds)
                    racing.cancel()
                    "result"
                }
            racing = createTask { staggeredRace(listOf(attempt), null) { events += "discarded $it" } }
            shouldThrow<CancelledException> { racing.await() }
            events shouldContainExactly listOf("discarded result")
        }

        test("each result is the winner's or is discarded, whatever the schedule") {
            repeat(500) { seed ->
                val random = Random(seed)
                val kept = mutableListOf<Int>()
                val made = mutableListOf<Int>()
                val discarded = mutableListOf<Int>()
                runTest {
                    val attempts =
                        List(random.nextInt(6)) { index ->
                            suspend {
                                try {
                                    repeat(random.nextInt(3)) { sleep(random.nextInt(4).milliseconds) }
                                } catch (e: CancelledException) {
                                    if (random.nextInt(4) > 0) throw e
                                }
                                if (random.nextBoolean()) error("attempt $index fails")
                                index.also { made += it }
                            }
                        }
                    val delay = if (random.nextInt(5) == 0) null else random.nextInt(4).milliseconds
                    val racing = createTask { staggeredRace(attempts, delay) { discarded += it }.result?.let { kept += it } }
                    if (random.nextBoolean()) {
                        sleep(random.nextInt(6).milliseconds)
                        racing.cancel()
                        if (random.nextBoolean()) racing.cancel()
                    }
                    wait(listOf(racing))
                    allTasks().filter { it !== currentTask() && it !== racing }.shouldBeEmpty()
                }
                (kept.size <= 1) shouldBe true
                (kept + discarded).sorted() shouldBe made.sorted()
            }
        }
    })
