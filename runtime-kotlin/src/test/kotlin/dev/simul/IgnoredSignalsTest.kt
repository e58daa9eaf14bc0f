// SPDX-License-Identifier: Apache-2.0
package dev.simul

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.nio.file.Path
import kotlin.io.path.exists

class IgnoredSignalsTest :
    FunSpec({
        val canBeSeen = Path.of("/proc/self/status").exists() && IgnoredSignals.obstacle == null

        test("a JVM that ignores signals from the start can have children that do not").config(enabled = canBeSeen) {
            Child("dev.simul.IgnoredSignalsTestKt", "", shell = ignoring("HUP INT USR1")).use {
                it.rest() shouldBe listOf("here: [1, 2, 10]", "a child: [1, 2, 10]", "a child, undone: []")
            }
        }
    })

/** What runs a program that ignores [signals] from the start. */
internal fun ignoring(signals: String): List<String> = listOf("sh", "-c", "trap '' $signals; exec \"$@\"", "sh")

/** Says which signals it ignores, and then which its children do. */
fun main() {
    val command = listOf("cat", "/proc/self/status")
    println("here: ${IgnoredSignals.numbers}")
    println("a child: ${ignoredBy(command)}")
    println("a child, undone: ${ignoredBy(IgnoredSignals.undone(command))}")
}

private fun ignoredBy(command: List<String>) = ProcessBuilder(command).start().inputReader().use { IgnoredSignals.among(it.readLines()) }
