// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.loop.EventLoop
import dev.simul.loop.RecordedLog
import dev.simul.loop.getRunningLoop
import dev.simul.observe.stallThreshold
import dev.simul.runLoop
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.io.path.readText
import kotlin.time.Duration.Companion.milliseconds

class StutterSamplesTest :
    FunSpec({
        test("the watchdog reports the stuttering program as the guide shows") {
            val shown =
                Regex("```text\n(.*?)```", RegexOption.DOT_MATCHES_ALL)
                    .findAll(Path.of("../docs/guide/diagnosis.md").readText())
                    .map { it.groupValues[1] }
                    .first { "held its event loop" in it }
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

/** Without what depends on the machine, the JDK and the test. */
private fun masked(report: String) =
    report
        .trim()
        .replace(Regex("0x[0-9a-f]+"), "0x0")
        .replace(Regex("Task-\\d+"), "Task-1")
        .replace(Regex("\\b\\d+(\\.\\d+)?m?s\\b"), "1s")
        .replace(Regex("TaskGroup.kt:\\d+"), "TaskGroup.kt:1")
        .replace(Regex("in thread '.*'"), "in thread 'main'")
        .replace(Regex("(?m)^  \\|   java\\.lang\\.Thread\\..*\n"), "")
        .replace(Regex("(?m)^       \\|   .*(StutterSamplesTest|Runner).*\n"), "")
