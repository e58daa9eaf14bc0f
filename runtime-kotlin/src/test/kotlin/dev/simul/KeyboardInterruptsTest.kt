// SPDX-License-Identifier: Apache-2.0
package dev.simul

import dev.simul.bodies.carriersHere
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldNotContain
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** What a program says that was interrupted while its main coroutine waited. */
private const val INTERRUPTED = "dev.simul.exceptions.KeyboardInterrupt, suppressed [dev.simul.exceptions.CancelledException]"

/** What it says if its main coroutine was still under way. */
private const val STOPPED = "dev.simul.exceptions.KeyboardInterrupt, suppressed []"

private const val STATUS_OF_INT = 130
private const val STATUS_OF_TERM = 143

/** Programs in JVMs of their own, and real signals. */
class KeyboardInterruptsTest :
    FunSpec({
        context("the first Ctrl-C") {
            testOf("catches", "cancels the main coroutine, which cleans up, and is a KeyboardInterrupt then") {
                it.interrupt()
                it.shouldEnd("cleaning", "clean", INTERRUPTED, "goes on")
            }

            testOf("refuses", "changes nothing about the result if the main coroutine refuses to be cancelled") {
                it.interrupt()
                it.shouldEnd("cleaning", "clean", "refused")
            }

            testOf("yields", "interrupts a coroutine that never waits for anything but its turn") {
                it.interrupt()
                it.shouldEnd(INTERRUPTED)
            }

            testOf("on virtual time", "works on virtual time") {
                it.interrupt()
                it.shouldEnd("clean", INTERRUPTED)
            }

            testOf("waits for a future", "cancels a future that is run, and the next run can be interrupted again") {
                it.interrupt()
                it.await(INTERRUPTED)
                it.await("cancelled: true")
                it.interrupt()
                it.shouldEnd("cleaning", "clean", INTERRUPTED)
            }

            testOf("is cancelled by others too", "leaves the cancellation of a coroutine as it is that others have cancelled too") {
                it.interrupt()
                it.await("cleaning more")
                it.signal("USR1")
                it.shouldEnd("dev.simul.exceptions.CancelledException, suppressed []")
            }
        }

        context("Ctrl-C that comes too late") {
            testOf("is cancelled just before", "leaves the cancellation as it is") {
                it.shouldEnd("dev.simul.exceptions.CancelledException, suppressed []")
            }

            testOf("ends just before", "is not lost: a result is replaced by it") { it.shouldEnd(STOPPED) }

            testOf("fails just before", "leaves a failure as it is") {
                it.shouldEnd("java.lang.ArithmeticException: wrong, suppressed []")
            }
        }

        context("the second Ctrl-C") {
            testOf("takes long to clean up", "lists what has not ended, and ends a coroutine that is still cleaning up") {
                it.interrupt()
                it.await("cleaning more")
                it.signal("INT")
                val listed = it.await("cut short")
                listed[0] shouldBe "Interrupted again; these tasks have not ended:"
                listed[1] shouldContain Regex("^\\* Task-\\d+: waiting for sleep, .* left$")
                listed[2] shouldContain
                    Regex("^    asked to cancel by Ctrl-C; delivered at \\S+\\.work\\(\\S+; then it awaited sleep at \\S+\\.work\\(\\S+$")
                listed.drop(3).count { line -> line.startsWith("    at dev.simul.InterruptedProgramsKt.workWithoutEnd(") } shouldBe 1
                it.shouldEnd(STOPPED)
            }
        }

        context("the third Ctrl-C") {
            testOf("is busy", "ends a program that is too busy for the others, once the second has shown what it does") {
                it.interrupt()
                Thread.sleep(100) // Signals of one kind that come at once are one.
                it.signal("INT")
                it.line() shouldBe "Interrupted again, but the loop is busy, in thread 'main':"
                generateSequence(it::line).first { line -> "InterruptedPrograms" in line }
                it.isAlive shouldBe true
                while (it.isAlive) {
                    it.signal("INT")
                    Thread.sleep(20)
                }
                it.rest()
                it.exitStatus() shouldBe STATUS_OF_INT
            }
        }

        context("with bodies") {
            for (carrier in carriersHere) {
                testOf("body, $carrier", "the first Ctrl-C is thrown where a body waits: $carrier") {
                    it.interrupt()
                    it.shouldEnd("cleaning", "clean", INTERRUPTED)
                }

                testOf("bodies, $carrier", "the second one leaves the loop on whichever stack that is: $carrier") {
                    it.interrupt()
                    it.await("cleaning more")
                    it.signal("INT")
                    it.await("cut short").joinToString("\n") shouldContain
                        "asked to cancel by Ctrl-C; delivered at dev.simul.InterruptedProgramsKt"
                    it.shouldEnd(STOPPED)
                }
            }
        }

        context("in the end") {
            testOf("does not catch", "a program that catches nothing says where it was, and has Ctrl-C's exit status") {
                it.interrupt()
                val said = it.rest()
                said.take(2) shouldContainExactly listOf("cleaning", "clean")
                said[2] shouldBe "Exception in thread \"main\" dev.simul.exceptions.KeyboardInterrupt"
                said.joinToString("\n") shouldContain "Suppressed: dev.simul.exceptions.CancelledException"
                it.exitStatus() shouldBe STATUS_OF_INT
            }

            testOf("has a handler for uncaught exceptions", "a handler for uncaught exceptions decides by itself") {
                it.interrupt()
                it.shouldEnd("cleaning", "clean", "uncaught: dev.simul.exceptions.KeyboardInterrupt", status = 1)
            }

            testOf("exits", "a SystemExit that nobody catches is the exit status") {
                it.shouldEnd(status = 7)
            }

            testOf("fails", "any other exception is the JVM's affair") {
                it.rest() shouldContain "Exception in thread \"main\" java.lang.ArithmeticException: wrong"
                it.exitStatus() shouldBe 1
            }
        }

        context("outside the main thread") {
            testOf("in another thread", "the program ends when the run has ended") {
                it.interrupt()
                val said = it.rest()
                said.take(2) shouldContainExactly listOf("cleaning", "clean")
                said.drop(2).filter { line -> line != INTERRUPTED } shouldBe emptyList()
                it.exitStatus() shouldBe STATUS_OF_INT
            }

            if (Runtime.version().feature() >= 21) {
                testOf("on a virtual thread", "virtual threads are no exception") {
                    it.interrupt()
                    it.rest().take(2) shouldContainExactly listOf("cleaning", "clean")
                    it.exitStatus() shouldBe STATUS_OF_INT
                }
            }

            testOf("in two threads", "of several runs, the first is interrupted first") {
                it.await("ready")
                it.await("ready")
                it.signal("INT")
                it.await("clean")
                it.await("clean")
                it.await("goes on")
                it.signal("INT")
                it.rest()
                it.exitStatus() shouldBe STATUS_OF_INT
            }
        }

        context("Ctrl-C is left alone") {
            testOf("with a handler of its own", "where the program has its own handler") {
                it.await("ran")
                it.interrupt()
                it.await("mine")
                it.signal("USR1")
                it.rest() shouldContainExactly listOf("cleaning", "clean")
                it.exitStatus() shouldBe 5
            }

            testOf("with a handler of the loop", "while the loop has a handler for it, and is the run's again after that") {
                it.interrupt()
                it.await("removed") shouldContainExactly listOf("handled")
                it.signal("INT")
                it.shouldEnd("cleaning", "clean", INTERRUPTED)
            }

            testOf("after a run", "as soon as nothing is run any more") {
                it.await("ran")
                it.interrupt()
                it.shouldEnd(status = STATUS_OF_INT)
            }

            testOf("replaced during the run", "by whoever has taken it over during the run") {
                it.interrupt()
                it.await("mine")
                it.signal("TERM")
                it.shouldEnd(status = STATUS_OF_TERM)
            }

            testOf("waits", "where the JVM leaves signals alone", listOf("-Xrs")) {
                it.interrupt()
                it.shouldEnd(status = STATUS_OF_INT)
            }

            for (signal in listOf("INT", "TERM", "HUP")) {
                val name = "a handler warns that it is never called where $signal is ignored from the start"
                testOf("asks for $signal", name, shell = ignoring(signal)) {
                    it.await("ready").single() shouldContain "signal $signal is ignored since this JVM was started"
                    it.signal(signal)
                    it.signal("USR1")
                    it.shouldEnd("ended")
                }
            }

            testOf(
                "waits for USR1",
                "by a program that was started to ignore it, as in the background of a script",
                shell = ignoring("INT"),
            ) {
                it.await("ready")
                it.signal("INT")
                it.signal("USR1")
                it.shouldEnd("ended")
            }

            testOf("asks for INT", "what the JVM keeps to itself is refused to a handler", listOf("-Xrs")) {
                it.rest().single() shouldContain "signal INT cannot be caught"
            }

            val withoutSignals = listOf("--limit-modules", "java.base,java.logging,java.management,java.xml,java.desktop")

            testOf("has no signals", "where the JVM has no signals", withoutSignals) {
                it.await("ran")
                it.rest().single() shouldContain "this JVM has no signals: add the module jdk.unsupported to it"
                it.exitStatus() shouldBe 0
            }
        }

        context("SIGTERM") {
            testOf("ends when it is told to", "lets a program clean up that has a handler for it, and chooses its exit status") {
                it.await("ready")
                it.signal("TERM")
                it.shouldEnd("cleaning", "clean", status = STATUS_OF_TERM)
            }

            testOf("is cancelled when it is told to end", "as a cancellation that nobody catches it is an error") {
                it.await("ready")
                it.signal("TERM")
                it.rest() shouldContain "Exception in thread \"main\" dev.simul.exceptions.CancelledException"
                it.exitStatus() shouldBe 1
            }

            testOf("waits", "ends a program that has no handler, without more ado") {
                it.await("ready")
                it.signal("TERM")
                it.shouldEnd(status = STATUS_OF_TERM)
            }

            testOf("closed its loop", "is the JVM's again when the loop that had a handler is closed") {
                it.await("ready")
                it.signal("TERM")
                it.rest() shouldNotContain "never"
                it.exitStatus() shouldBe STATUS_OF_TERM
            }
        }
    })

private suspend fun FunSpecContainerScope.testOf(
    program: String,
    name: String,
    options: List<String> = emptyList(),
    shell: List<String> = emptyList(),
    test: (Child) -> Unit,
) = test(name).config(enabledOrReasonIf = { signalling() }) {
    Child("dev.simul.InterruptedProgramsKt", program, options, shell = shell).use(test)
}

private fun signalling() = IgnoredSignals.obstacle?.let(Enabled::disabled) ?: Enabled.enabled

private fun Child.interrupt() {
    await("ready")
    signal("INT")
}

private fun Child.shouldEnd(
    vararg lines: String,
    status: Int = 0,
) {
    rest() shouldContainExactly lines.toList()
    exitStatus() shouldBe status
}
