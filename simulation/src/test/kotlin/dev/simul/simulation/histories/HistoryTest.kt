// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

import dev.simul.simulation.histories.Access.Read
import dev.simul.simulation.histories.Access.Write
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class HistoryTest :
    FunSpec({
        test("a call prints who called what, when, and what came of it") {
            val history = History<Access, Any?>()
            val write = history.begin("alice", Write("x", 1))
            val read = history.begin("bob", Read("x"))
            write.returned(Unit)
            read.returned(1)
            history.begin("carol", Read("x"))
            history.toString() shouldBe
                """
                alice: write(x, 1) [event 1 to event 3]
                bob: read(x) -> 1 [event 2 to event 4]
                carol: read(x) [from event 5, never ended]
                """.trimIndent()
        }

        test("with a clock it prints times") {
            var now = Duration.ZERO
            val history = History<Access, Any?>({ now })
            history.record("alice", Read("x")) {
                now = 1.5.seconds
                0
            }
            now = 1_750.milliseconds
            history.begin("bob", Write("x", 2))
            history.toString() shouldBe "alice: read(x) -> 0 [0s to 1.5s]\nbob: write(x, 2) [from 1.75s, never ended]"
        }

        test("a call that throws stays pending, since it may have had an effect") {
            val history = History<Access, Any?>()
            shouldThrow<IllegalStateException> { history.record("alice", Write("x", 1)) { error("reset by peer") } }
            history.calls.single().isPending shouldBe true
            history.record("bob", Read("x")) { 1 }
            history.check(Registers) shouldBe Verdict.Linearizable
        }

        test("a call that has failed for certain had no effect") {
            val history = History<Access, Any?>()
            history.begin("alice", Write("x", 1)).failed()
            history.calls.shouldContainExactly()
            history.record("bob", Read("x")) { 1 }
            (history.check(Registers) is Verdict.NotLinearizable) shouldBe true
        }

        test("a call ends once, and has a result only then") {
            val history = History<Access, Any?>()
            val read = history.begin("alice", Read("x"))
            shouldThrow<IllegalStateException> { read.result }.message shouldBe
                "alice: read(x) [from event 1, never ended] has no result: ask isPending first"
            read.returned(0)
            shouldThrow<IllegalStateException> { read.returned(0) }.message shouldBe
                "alice: read(x) -> 0 [event 1 to event 2] has ended: a call ends once"
            shouldThrow<IllegalStateException> { read.failed() }
            read.result shouldBe 0
        }

        test("an empty history is linearizable") {
            History<Access, Any?>().check(Registers).orThrow()
        }
    })
