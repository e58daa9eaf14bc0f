// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.docs.tutorial.clocktest.ClockTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactlyInAnyOrder
import java.nio.file.Path
import kotlin.io.path.listDirectoryEntries
import kotlin.io.path.nameWithoutExtension
import kotlin.io.path.readText

/** The programs of the tutorial, each in a file and a package of its own. */
class TutorialTest :
    FunSpec({
        val programs = Path.of("src/test/kotlin/dev/simul/docs/tutorial").listDirectoryEntries("*.kt")
        val samples = PrintedSample.of("tutorial.md")

        fun programOf(sample: PrintedSample): Path = programs.single { sample.block.trim() in it.readText() }

        for (sample in samples) {
            val program = programOf(sample).nameWithoutExtension
            test("$program prints what the tutorial shows") {
                val main = Class.forName("dev.simul.docs.tutorial.${program.lowercase()}.${program}Kt").getMethod("main")
                sample.verify { main.invoke(null) }
            }
        }

        test("the tutorial shows what each of its programs prints") {
            val silent = "ClockTest"
            samples.map { programOf(it).nameWithoutExtension } shouldContainExactlyInAnyOrder
                programs.map { it.nameWithoutExtension } - silent
        }

        test("the tutorial's test passes") { ClockTest().anHourPassesAtOnce() }
    })
