// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.cookbook

import dev.simul.createTask
import dev.simul.docs.printed
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.TimeoutException
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.runLoop
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.engine.spec.tempfile
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ranges.shouldBeIn
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class CookbookCallsTest :
    FunSpec({
        loopTest("ten calls begin in each second, and their results are in order") {
            val begun = mutableListOf<Duration>()
            val pages =
                fetchAll(List(25) { "$it" }) {
                    begun += getRunningLoop().time()
                    "page $it"
                }
            pages shouldBe List(25) { "page $it" }
            begun.groupingBy { it }.eachCount() shouldBe mapOf(Duration.ZERO to 10, 1.seconds to 10, 2.seconds to 5)
        }

        loopTest("the first failure ends the calls that wait for their turn") {
            var begun = 0
            val failure =
                shouldThrow<ExceptionGroup> {
                    fetchAll(List(25) { "$it" }) { if (++begun == 3) throw IOException("refused") else sleep(1.hours).let { "" } }
                }
            failure.exceptions.single().message shouldBe "refused"
            begun shouldBe 10
            getRunningLoop().time() shouldBe Duration.ZERO
        }

        loopTest("what hangs or fails is tried again") {
            var attempts = 0
            val page =
                fetchPatiently("a") {
                    when (++attempts) {
                        1 -> throw IOException("refused")
                        2 -> sleep(1.hours).let { "" }
                        else -> "page"
                    }
                }
            page shouldBe "page"
            getRunningLoop().time() shouldBeIn 3.seconds..3.6.seconds
        }

        loopTest("other failures are not tried again, and all of it has a limit") {
            shouldThrow<IllegalStateException> { fetchPatiently("a") { error("a mistake") } }.suppressed.size shouldBe 0
            var attempts = 0
            shouldThrow<IOException> { fetchPatiently("a") { throw IOException("refusal ${++attempts}") } }
                .message shouldBe "refusal 5"
            val begun = getRunningLoop().time()
            shouldThrow<TimeoutException> { fetchPatiently("a") { sleep(1.hours).let { "" } } }
            (getRunningLoop().time() - begun) shouldBe 10.seconds
        }

        context("at most two at once") {
            loopTest("with the results in order") {
                var running = 0
                var most = 0
                val results =
                    mapAtMost(2, listOf(3, 1, 2)) {
                        most = maxOf(most, ++running)
                        sleep(it.seconds)
                        running--
                        it * 10
                    }
                results shouldBe listOf(30, 10, 20)
                most shouldBe 2
                getRunningLoop().time() shouldBe 3.seconds
            }

            loopTest("with the results as they come") {
                val results = mutableListOf<Pair<Int, Duration>>()
                asTheyCome(2, listOf(3, 1, 4), { sleep(it.seconds).let { _ -> it } }) { results += it to getRunningLoop().time() }
                results shouldContainExactly listOf(1 to 1.seconds, 3 to 3.seconds, 4 to 5.seconds)
            }

            loopTest("a failure cancels the others, and is thrown once") {
                val failure =
                    shouldThrow<ExceptionGroup> {
                        asTheyCome(2, listOf(1, 2, 3), { if (it == 1) throw IOException("refused") else sleep(1.hours) }) {}
                    }
                failure.exceptions.single().shouldBeInstanceOf<IOException>()
                getRunningLoop().time() shouldBe Duration.ZERO
            }
        }

        loopTest("the first answer wins, and the slow server's call is cancelled") {
            var isCancelled = false
            val slow: suspend () -> String = {
                try {
                    sleep(1.hours).let { "slow" }
                } catch (e: CancelledException) {
                    isCancelled = true
                    throw e
                }
            }
            firstAnswer(listOf(slow, { sleep(50.milliseconds).let { "quick" } })) shouldBe "quick"
            getRunningLoop().time() shouldBe 250.milliseconds
            isCancelled shouldBe true
            val refusal: suspend () -> String = { throw IOException("refused") }
            shouldThrow<IOException> { firstAnswer(listOf(refusal, refusal)) }.suppressed.map { it.message } shouldBe
                listOf("refused", "refused")
        }

        test("what is there when the time is up") {
            val lines =
                printed {
                    runTest {
                        val answers =
                            answersWithin(
                                2.seconds,
                                mapOf("a" to suspend { sleep(1.seconds).let { 1 } }, "b" to suspend { sleep(1.hours).let { 2 } }),
                            )
                        answers shouldBe mapOf("a" to 1)
                        getRunningLoop().time() shouldBe 2.seconds
                    }
                }
            lines shouldContainExactly listOf("answers from [a] only")
        }

        loopTest("all calls are cancelled with the task that waits for them") {
            val ended = mutableListOf<String>()
            val call: suspend () -> Int = {
                try {
                    sleep(1.hours).let { 1 }
                } finally {
                    ended += "ended"
                }
            }
            val task = createTask { answersWithin(2.hours, mapOf("a" to call, "b" to call)) }
            sleep(1.seconds)
            task.cancel()
            shouldThrow<CancelledException> { task.await() }
            ended.size shouldBe 2
        }

        test("a file's checksum") {
            val file = tempfile().apply { writeText("abc") }.toPath()
            runLoop { checksum(file) } shouldBe "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        }
    })
