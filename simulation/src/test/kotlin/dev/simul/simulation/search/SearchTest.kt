// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.search

import dev.simul.simulation.Choices
import dev.simul.simulation.ExplorationFailure
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.ints.shouldBeInRange
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldNotContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CountDownLatch
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.TimeUnit.SECONDS
import java.util.concurrent.atomic.AtomicBoolean
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes

class SearchTest :
    FunSpec({
        test("every seed is run once, and equal transcripts are one interleaving") {
            val counts = ConcurrentHashMap<Long, Int>()
            val exploration =
                searchSeeds(1L..500L) { choices ->
                    counts.merge(choices.nextLong(Long.MAX_VALUE), 1, Int::plus)
                    RunOutcome(hash = choices.nextInt(7).toLong(), failure = null, transcript = "")
                }
            exploration.runs shouldBe 500
            exploration.interleavings shouldBe 7
            counts.keys shouldBe (1L..500L).map { Choices(it).nextLong(Long.MAX_VALUE) }.toSet()
            counts.values.all { it == 1 } shouldBe true
        }

        test("the runs of several threads overlap") {
            val both = CyclicBarrier(2)
            val explorer =
                Explorer(1L..2L, 1.minutes, threads = 2) {
                    both.await(30, SECONDS)
                    passed
                }
            explorer.explore().runs shouldBe 2
        }

        test("the failure of the lowest seed is thrown, with what its shrunk run says") {
            val failing = (1L..1_000L).filter { losesUpdate(Choices(it)) != null }
            repeat(20) {
                val failure = shouldThrow<ExplorationFailure> { searchSeeds(1L..1_000L, run = ::lossyRun) }
                failure.seed shouldBe failing.first()
                failure.replay shouldBe "choices:z5,6,4"
                failure.cause!!.message shouldBe "lost update 6"
                val text = failure.message!!
                text shouldContain "Seed ${failing.first()} fails: java.lang.IllegalStateException: lost update 6\n"
                text shouldContain "It made 10 choices, and needs 7 of them to fail in the same way. Runs to shrink it: "
                text shouldContain "Set SIMUL_SEED=choices:z5,6,4 to replay that run, SIMUL_SEED=${failing.first()} for the one found."
                text shouldContain "Transcript of the shrunk run:\n  drew [0, 0, 0, 0, 0, 6, 4, 0, 0, 0]"
            }
        }

        test("what it prints replays") {
            val failure = shouldThrow<ExplorationFailure> { replay("choices:z5,6,4", ::lossyRun) }
            failure.cause!!.message shouldBe "lost update 6"
            failure.seed shouldBe null
            failure.message!! shouldContain "The run of SIMUL_SEED=choices:z5,6,4 fails: "
            replay("choices:z5,5,4", ::lossyRun).runs shouldBe 1
            val seed = (1L..1_000L).first { losesUpdate(Choices(it)) != null }
            shouldThrow<ExplorationFailure> { replay("$seed", ::lossyRun) }.seed shouldBe seed
        }

        test("after a failure no further seed is begun") {
            val runs = AtomicInteger()
            val failure =
                shouldThrow<ExplorationFailure> {
                    searchSeeds(1L..1_000_000L) { choices ->
                        runs.incrementAndGet()
                        if (choices.nextInt(2) == 1) failed(IllegalStateException("bad")) else passed
                    }
                }
            failure.cause!!.message shouldBe "bad"
            runs.get() shouldBeLessThan 1_000
        }

        test("failures that are collected are one of each kind, the others suppressed in that of the lowest seed") {
            val failure =
                shouldThrow<ExplorationFailure> {
                    searchSeeds(1L..2_000L, collects = true) { choices ->
                        when (choices.nextInt(100)) {
                            98 -> failed(IllegalStateException("a deadlock"))
                            99 -> failed(NoSuchElementException("a loss"))
                            else -> passed
                        }
                    }
                }
            val all = listOf(failure) + failure.suppressed.map { it as ExplorationFailure }
            all.map { it.cause!!.javaClass }.toSet() shouldBe setOf(IllegalStateException::class.java, NoSuchElementException::class.java)
            all.size shouldBe 2
            all.map { it.seed!! } shouldBe all.map { it.seed!! }.sorted()
            failure.message!! shouldContain "Runs: 2000, different interleavings: 1, in "
        }

        test("a shrunk run fails at the same place, and not elsewhere") {
            fun twoPlaces(choices: Choices): RunOutcome {
                val drawn = choices.nextInt(1_000)
                val place = if (drawn > 900) "put" else "get"
                return if (drawn in 300..400 || drawn > 900) failed(IllegalStateException("$drawn").thrownAt("Store", place)) else passed
            }
            val high = (1L..1_000L).first { Choices(it).nextInt(1_000) > 900 }
            shouldThrow<ExplorationFailure> { searchSeeds(high..high, run = ::twoPlaces) }.cause!!.message shouldBe "901"
        }

        test("a failure that does not come back is shown as it was, with what may be the reason") {
            val runs = AtomicInteger()
            val failure =
                shouldThrow<ExplorationFailure> {
                    searchSeeds(5L..5L) { choices ->
                        choices.nextInt(10)
                        val failure = if (runs.getAndIncrement() == 0) IllegalStateException("once") else null
                        RunOutcome(hash = 0, failure, transcript = "what happened")
                    }
                }
            failure.replay shouldBe "5"
            failure.message!! shouldContain "Replaying its choices did not fail in the same way"
            failure.message!! shouldContain "Transcript of seed 5:\n  what happened"
            failure.message!! shouldNotContain "SIMUL_SEED"
        }

        test("no seed but the first is begun when the time is over") {
            val exploration = searchSeeds(1L..100L, budget = Duration.ZERO) { passed }
            exploration.runs shouldBe 1
        }

        test("an error of the search itself is thrown, and ends it") {
            val broken = IllegalArgumentException("broken")
            val runs = AtomicInteger()
            val thrown =
                shouldThrow<IllegalArgumentException> {
                    searchSeeds(1L..1_000_000L) {
                        runs.incrementAndGet()
                        throw broken
                    }
                }
            thrown shouldBeSameInstanceAs broken
            runs.get().shouldBeInRange(1..Runtime.getRuntime().availableProcessors())
        }

        test("interrupting the search interrupts the runs") {
            val begun = CountDownLatch(1)
            val interrupted = CountDownLatch(1)
            var thrown: Throwable? = null
            val caller =
                thread {
                    thrown =
                        runCatching {
                            Explorer(1L..1L, 1.minutes) {
                                begun.countDown()
                                try {
                                    CountDownLatch(1).await()
                                } catch (_: InterruptedException) {
                                    interrupted.countDown()
                                }
                                passed
                            }.explore()
                        }.exceptionOrNull()
                }
            begun.await()
            caller.interrupt()
            caller.join()
            interrupted.await()
            (thrown is InterruptedException) shouldBe true
        }

        test("an interrupted search throws when its runs have ended") {
            val ended = AtomicBoolean()
            val hadEnded =
                interrupted({ ended.get() }) { begun ->
                    Explorer(1L..1L, 1.minutes) {
                        try {
                            begun()
                        } catch (_: InterruptedException) {
                            Thread.sleep(100)
                            ended.set(true)
                        }
                        passed
                    }
                }
            hadEnded shouldBe true
        }

        test("an interrupted search does not wait for ever for a run that takes no notice") {
            val released = CountDownLatch(1)
            interrupted({ released.count }) { begun ->
                Explorer(1L..1L, 1.minutes, grace = 20.milliseconds) {
                    try {
                        begun()
                    } catch (_: InterruptedException) {
                        released.await()
                    }
                    passed
                }
            } shouldBe 1
            released.countDown()
        }
    })

/** Interrupts the search of [explorer] when its run calls the function that it is given, which waits; [atTheEnd] is asked when it throws. */
private fun <T> interrupted(
    atTheEnd: () -> T,
    explorer: (begun: () -> Unit) -> Explorer,
): T {
    val begun = CountDownLatch(1)
    val search =
        explorer {
            begun.countDown()
            CountDownLatch(1).await()
        }
    val end = CompletableFuture<T>()
    val caller =
        thread {
            val thrown = runCatching { search.explore() }.exceptionOrNull()
            if (thrown is InterruptedException) end.complete(atTheEnd()) else end.completeExceptionally(AssertionError("$thrown", thrown))
        }
    begun.await()
    caller.interrupt()
    return end.get(30, SECONDS)
}

private val passed = RunOutcome(hash = 0, failure = null, transcript = "")

private fun failed(failure: Throwable) = RunOutcome(hash = 0, failure, transcript = "")

private fun searchSeeds(
    seeds: LongRange,
    budget: Duration = 1.minutes,
    collects: Boolean = false,
    run: (Choices) -> RunOutcome,
) = search(seeds, budget, collects, { ShrinkBudget(maxRuns = 1_000, time = 1.minutes) }, run)

/** Fails where the sixth choice is above 5 and the next one is 4. */
private fun lossyRun(choices: Choices): RunOutcome {
    val failure = losesUpdate(choices)
    return RunOutcome(choices.recorded.contentHashCode().toLong(), failure, "drew ${choices.recorded.toList()}")
}

private fun losesUpdate(choices: Choices): Throwable? {
    val drawn = List(10) { choices.nextInt(10) }
    return if (drawn[5] > 5 && drawn[6] == 4) IllegalStateException("lost update ${drawn[5]}") else null
}

private fun Throwable.thrownAt(
    type: String,
    method: String,
) = apply { stackTrace = arrayOf(StackTraceElement("shop.$type", method, "$type.kt", 1)) }
