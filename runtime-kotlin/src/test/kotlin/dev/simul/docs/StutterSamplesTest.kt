// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.loop.EventLoop
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.observe.stallThreshold
import dev.simul.runLoop
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds

class StutterSamplesTest :
    FunSpec({
        test("the watchdog reports the stuttering program as the guide shows") {
            val shown = DiagnosisGuide.block("held its event loop")
            // If the watchdog's thread is held up, that time does not count.
            var log = masked(logged())
            for (attempt in 2..ATTEMPTS) if (log != masked(shown)) log = masked(logged())
            log shouldBe masked(shown)
        }

        test("the threshold of a loop is set as the guide shows") {
            runLoop {
                watchClosely()
                getRunningLoop().stallThreshold shouldBe 20.milliseconds
                doNotWatch()
                getRunningLoop().stallThreshold shouldBe null
            }
        }
    })

private const val ATTEMPTS = 5

private fun logged(): String {
    val ended = CountDownLatch(1)
    val log =
        RecordedLog.during({ if ("'import' held" in it.message) ended.countDown() }) {
            printed {
                runLoop(loopFactory = { EventLoop().also { it.stallThreshold = 100.milliseconds } }) { stutteringImport() }
            } shouldBe listOf("imported")
            ended.await(1, TimeUnit.SECONDS)
        }
    return log.map { it.message }.filter { "'import'" in it }.joinToString("\n")
}

/** As [DiagnosisGuide.masked], and without what depends on the machine and the JDK. */
private fun masked(report: String) =
    DiagnosisGuide
        .masked(report)
        .replace(Regex("\\b\\d+(\\.\\d+)?m?s\\b"), "1s")
        .replace(Regex("in thread '.*'"), "in thread 'main'")
        .replace(Regex("(?m)^  \\|   java\\.lang\\.Thread\\..*\n"), "")
        .replace(Regex("(?m)^       \\|   .*(StutterSamplesTest|Runner).*\n"), "")
