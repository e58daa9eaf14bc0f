// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.IgnoredSignals
import dev.simul.createTask
import dev.simul.docs.DiagnosisGuide.block
import dev.simul.docs.DiagnosisGuide.masked
import dev.simul.net.onLoop
import dev.simul.net.until
import dev.simul.testing.Deadlock
import dev.simul.testing.runTest
import dev.simul.timeout
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.string.shouldStartWith
import sun.misc.Signal
import java.io.ByteArrayOutputStream
import java.io.PrintStream
import kotlin.time.Duration.Companion.hours

class DiagnosisSamplesTest :
    FunSpec({
        test("the dump of the hung program is the one that the guide shows") {
            val printed = printed { shouldThrow<Deadlock> { runTest { hungTransfers() } } }
            masked(printed.joinToString("\n")) shouldBe masked(block("hungTransfers"))
        }

        test("so is the call graph of the task that swallows its cancellation, which keeps the run from ending") {
            val printed = printed { shouldThrow<Deadlock> { runTest { swallowedCancel() } } }
            // Whoever waits for the end asks again.
            masked(printed.dropLast(1).joinToString("\n")) shouldBe masked(block("swallowedCancel"))
        }

        test("a signal makes the loop print its tasks").config(
            enabledOrReasonIf = { IgnoredSignals.obstacle?.let(Enabled::disabled) ?: Enabled.enabled },
        ) {
            val bytes = ByteArrayOutputStream()
            val err = System.err
            System.setErr(PrintStream(bytes, true))
            try {
                onLoop {
                    dumpOnSignal()
                    Signal.raise(Signal("USR1"))
                    until { "1 task of <EventLoop" in bytes.toString() }
                }
            } finally {
                System.setErr(err)
            }
        }

        test("the call graph of the current task tells who awaits it") {
            runTest {
                val asked = createTask(name = "asked") { timeout(1.hours) { whoAsked() } }
                val graph = createTask(name = "asking") { asked.await() }.await()
                graph shouldStartWith "* Task(name='asked', id=0x"
                graph shouldContain "  |   dev.simul.docs.DiagnosisSamplesKt.whoAsked(DiagnosisSamples.kt:"
                graph shouldContain "     * Task(name='asking', id=0x"
            }
        }
    })
