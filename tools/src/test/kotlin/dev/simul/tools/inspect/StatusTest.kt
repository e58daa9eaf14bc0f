// SPDX-License-Identifier: Apache-2.0
package dev.simul.tools.inspect

import com.github.ajalt.clikt.core.CliktCommand
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import java.io.ByteArrayOutputStream
import java.io.PrintStream

class StatusTest :
    FunSpec({
        /** The exit status of a command that fails with [failure], and what it says. */
        fun ended(failure: Throwable): Pair<Int, String> {
            val command =
                object : CliktCommand("simul ps") {
                    override fun run() = throw failure
                }
            val err = ByteArrayOutputStream()
            return command.statusOf(emptyList(), PrintStream(err, true)) to err.toString().removeSuffix(System.lineSeparator())
        }

        test("a failure that nobody expected is told in one line, and is a failure") {
            ended(IllegalStateException("no\nluck")) shouldBe (1 to "simul ps: it has failed (java.lang.IllegalStateException: no luck)")
            ended(StackOverflowError()) shouldBe (1 to "simul ps: it has failed (java.lang.StackOverflowError: StackOverflowError)")
        }

        test("what the other process says cannot move the cursor") {
            val clear = "\u001b[2J"
            ended(Refusal(Why.NO_LOOP, "it says $clear\nand more")) shouldBe (7 to "simul ps: it says \\u001b[2J\\u000aand more")
            ended(IllegalStateException(clear)) shouldBe (1 to "simul ps: it has failed (java.lang.IllegalStateException: \\u001b[2J)")
        }
    })
