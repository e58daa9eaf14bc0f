// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.collectGarbageUntil
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.recordReports
import dev.simul.runUntilComplete
import dev.simul.testing.runTest
import dev.simul.withLoop
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs

private fun numbers(events: MutableList<String> = ArrayList()) =
    asyncGenerator<Int> {
        try {
            yield(1)
            yield(2)
        } finally {
            events += "closed"
        }
    }

class OpenGeneratorsTest :
    FunSpec({
        test("a generator that is open when its loop closes is reported, with the line of its yield") {
            val generator = numbers()
            val reports =
                withLoop { loop ->
                    loop.recordReports().also { loop.runUntilComplete { generator.anext() } }
                }
            reports.map { it.message } shouldContainExactly listOf("asynchronous generator was never closed")
            reports.single()["asyncgen"] shouldBeSameInstanceAs generator
            reports.single()["coroutine"].toString() shouldContain Regex("OpenGeneratorsTest.*\\(OpenGeneratorsTest.kt:\\d+\\)")
            reports.single().origin shouldBe null
        }

        test("in debug mode also with the place of its first use") {
            val generator = numbers()
            val reports =
                withLoop { loop ->
                    loop.debug = true
                    loop.recordReports().also { loop.runUntilComplete { generator.anext() } }
                }
            reports
                .single()
                .origin!!
                .stackTrace
                .any { it.fileName == "OpenGeneratorsTest.kt" } shouldBe true
        }

        test("one that has ended, that has not begun or that was closed is not") {
            val kept = List(3) { numbers() }
            withLoop { loop ->
                loop.recordReports().also {
                    loop.runUntilComplete {
                        kept[0].anext()
                        kept[0].aclose()
                        for (number in kept[1]) check(number > 0)
                    }
                }
            }.shouldBeEmpty()
        }

        test("one that is collected is closed by its loop; in debug mode that is logged, with the place of its first use") {
            suspend fun useAndForget(events: MutableList<String>) = numbers(events).anext()
            val events = ArrayList<String>()
            val log =
                RecordedLog.during {
                    runTest(debug = true) {
                        getRunningLoop().slowCallbackDuration = kotlin.time.Duration.INFINITE
                        useAndForget(events)
                        collectGarbageUntil { events.isNotEmpty() } shouldBe true
                    }
                }
            log.single().message shouldContain
                Regex("<AsyncGenerator suspended> was collected before it was closed, at \\S+\\(OpenGeneratorsTest.kt:\\d+\\)")
            log
                .single()
                .thrown!!
                .stackTrace
                .any { it.fileName == "OpenGeneratorsTest.kt" } shouldBe true
        }
    })
