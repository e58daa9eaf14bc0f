// SPDX-License-Identifier: Apache-2.0
package dev.simul.workers

import dev.simul.Child
import dev.simul.IgnoredSignals
import dev.simul.runLoop
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.test.Enabled
import io.kotest.matchers.collections.shouldContain
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain

/** Programs in JVMs of their own, and real signals. */
class ServeTest :
    FunSpec({
        fun testOf(
            program: String,
            name: String,
            test: (Child) -> Unit,
        ) = test(name).config(enabledOrReasonIf = { IgnoredSignals.obstacle?.let(Enabled::disabled) ?: Enabled.enabled }) {
            Child("dev.simul.workers.ServingProgramsKt", program).use(test)
        }

        testOf("serves", "Ctrl-C ends all workers in order, and the program as an interrupted one") {
            it.await("ready")
            it.signal("INT")
            it.rest().filter { line -> line == "clean" } shouldContainExactly listOf("clean", "clean")
            it.exitStatus() shouldBe 130
        }

        testOf("serves", "TERM ends all workers in order, and the program with its status") {
            it.await("ready")
            it.signal("TERM")
            it.rest() shouldContainExactly listOf("clean", "clean")
            it.exitStatus() shouldBe 143
        }

        testOf("says what ends it", "TERM is a SystemExit") {
            it.await("ready")
            it.signal("TERM")
            it.rest() shouldContainExactly listOf("clean", "clean", "SystemExit 143")
            it.exitStatus() shouldBe 0
        }

        testOf("says what ends it", "Ctrl-C is a KeyboardInterrupt") {
            it.await("ready")
            it.signal("INT")
            it.rest() shouldContain "KeyboardInterrupt"
            it.exitStatus() shouldBe 0
        }

        testOf("does not end", "a second TERM ends the grace") {
            it.await("ready")
            it.signal("TERM")
            it.await("cleaning")
            it.signal("TERM")
            it.rest() shouldContainExactly emptyList()
            it.exitStatus() shouldBe 143
        }

        testOf("does not end", "a second Ctrl-C ends the grace") {
            it.await("ready")
            it.signal("INT")
            it.await("cleaning")
            it.signal("INT")
            it.rest().joinToString("\n") shouldContain "KeyboardInterrupt"
            it.exitStatus() shouldBe 130
        }

        testOf("hangs", "a worker that hangs does not keep the program from ending") {
            it.await("ready")
            it.signal("TERM")
            it.exitStatus() shouldBe 143
        }

        testOf("exits", "a worker that exits ends the program with its status") { it.exitStatus() shouldBe 3 }

        testOf("returns", "when all mains have returned, so does serve") {
            it.rest() shouldContainExactly listOf("returned")
            it.exitStatus() shouldBe 0
        }

        test("inside a loop there is a supervisor instead") {
            val failure = shouldThrow<IllegalStateException> { runLoop { serve(1) {} } }
            failure.message shouldBe "serve cannot be called from a running event loop: start a Supervisor there"
        }
    })
