// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.nio.file.Path
import kotlin.io.path.exists
import kotlin.io.path.isExecutable

/** The demo in JVMs of their own, with all manners of output. */
class MainTest :
    FunSpec({
        test("output that nobody takes is told in one line").config(enabled = BASH.isExecutable() && Path.of("/dev/full").exists()) {
            DemoProcess("list", shell = bash("exec \"$@\" >/dev/full")).use {
                it.end() shouldBe 1
                it.complaints shouldBe listOf("Error: cannot print: No space left on device; print to a place that has room")
            }
        }

        test("who reads the first line alone is no trouble").config(enabled = BASH.isExecutable()) {
            DemoProcess("list", shell = bash("\"$@\" | head -1; exit \${PIPESTATUS[0]}")).use {
                it.line() shouldContain "Python"
                it.end() shouldBe 0
                it.complaints.shouldBeEmpty()
            }
        }

        test("where the locale knows ASCII alone, output is UTF-8").config(enabled = BASH.isExecutable()) {
            DemoProcess("list", shell = bash("LC_ALL=C exec \"$@\"")).use {
                it.await(Regex("Judit Polgár"))
                it.end() shouldBe 0
            }
        }

        test("a mistake has an exit status").config(enabled = BASH.isExecutable()) {
            DemoProcess("nonsense").use {
                it.end() shouldBe 1
                it.complaints shouldContain "Error: no such subcommand nonsense. 'simul demo' and 'simul demo list' name all."
            }
        }
    })

private val BASH = Path.of("/bin/bash")

private fun bash(script: String) = listOf("$BASH", "-c", script, "bash")
