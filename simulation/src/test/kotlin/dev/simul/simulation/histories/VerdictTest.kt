// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

import dev.simul.simulation.histories.Access.Read
import dev.simul.simulation.histories.Access.Write
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlin.random.Random
import kotlin.time.Duration.Companion.seconds

class VerdictTest :
    FunSpec({
        test("a violation names the call that fits nowhere, the longest order without it, and what ran beside it") {
            val history = History<Access, Any?>()
            history.record("alice", Write("x", 1)) {}
            history.record("alice", Write("y", 7)) {}
            val slow = history.begin("carol", Write("x", 2))
            history.record("bob", Read("x")) { 2 }
            val stale = history.begin("bob", Read("x"))
            val beside = history.begin("dave", Read("x"))
            stale.returned(1)
            beside.returned(1)
            slow.returned(Unit)
            val verdict = history.check(Registers).shouldBeInstanceOf<Verdict.NotLinearizable>()
            verdict.key shouldBe "x"
            verdict.misfit shouldBe stale
            verdict.order.map { it.process } shouldContainExactly listOf("alice", "carol", "bob")
            verdict.toString() shouldBe
                """
                The history is not linearizable: no order of the calls of the key x explains the result of
                  bob: read(x) -> 1 [event 8 to event 10]
                The longest order that explains all that ended before it:
                  alice: write(x, 1) [event 1 to event 2]
                  carol: write(x, 2) [event 5 to event 12]
                  bob: read(x) -> 2 [event 6 to event 7]
                In the state that this leaves, '2', it would have returned '2'.
                Running at its end, and in no place of that order:
                  dave: read(x) -> 1 [event 9 to event 11], would have returned '2'
                """.trimIndent()
            shouldThrow<AssertionError> { verdict.orThrow() }.message shouldBe verdict.toString()
        }

        test("where the first call is wrong, there is no order before it") {
            val history = History<Access, Any?>()
            history.record("bob", Read("x")) { 3 }
            history.check(OneRegister).toString() shouldBe
                """
                The history is not linearizable: no order of the calls explains the result of
                  bob: read(x) -> 3 [event 1 to event 2]
                In the initial state '0', it would have returned '0'.
                """.trimIndent()
        }

        test("of a long order the end is printed") {
            val history = History<Access, Any?>()
            repeat(5_000) { history.record("bob", Write("x", it)) {} }
            history.record("bob", Read("x")) { -1 }
            val text = history.check(Registers).toString()
            text shouldContain "  … 4980 calls, then\n  bob: write(x, 4980) "
            text.lines().size shouldBeLessThan 30
        }

        test("within its budget it says that it does not know") {
            val history = History<Access, Any?>()
            val writes = List(12) { history.begin("writer $it", Write("x", it)) }
            val read = history.begin("reader", Read("x"))
            writes.forEach { it.returned(Unit) }
            read.returned(-1)
            val verdict = history.check(Registers, budget = 100).shouldBeInstanceOf<Verdict.Undecided>()
            verdict.configurations shouldBe 100
            verdict.key shouldBe "x"
            shouldThrow<AssertionError> { verdict.orThrow() }.message shouldBe
                "Undecided: 100 configurations of the key x did not show whether the history is linearizable. " +
                "Raise the budget, record a shorter history, or have Model.key take it apart."
            history.check(Registers).shouldBeInstanceOf<Verdict.NotLinearizable>().misfit shouldBe read
        }

        test("a key that is not decided does not hide that another is wrong") {
            val history = History<Access, Any?>()
            val writes = List(12) { history.begin("writer $it", Write("x", it)) }
            val read = history.begin("reader", Read("x"))
            writes.forEach { it.returned(Unit) }
            read.returned(-1)
            history.record("other", Read("y")) { 1 }
            history.check(Registers, budget = 100).shouldBeInstanceOf<Verdict.NotLinearizable>().key shouldBe "y"
        }

        test("10,000 calls on many keys, or on one, are decided at once").config(timeout = 20.seconds) {
            val random = Random(4)
            val many = correctHistory(random, Registers, 10_000, 20, cutOff = 0.01) { randomAccess(random, keys = 100, values = 5) }
            many.check(Registers, budget = 20_000) shouldBe Verdict.Linearizable
            val one = correctHistory(random, OneRegister, 10_000, 5) { randomAccess(random, values = 5) }
            one.check(OneRegister, budget = 500_000) shouldBe Verdict.Linearizable
        }

        test("many writes that were cut off do not multiply, as long as they are equal") {
            val history = History<Access, Any?>()
            repeat(200) { history.begin("writer $it", Write("x", 1)) }
            repeat(50) {
                history.record("reader", Read("x")) { 1 }
                history.record("other", Write("x", 2)) {}
            }
            history.check(Registers, budget = 1_000) shouldBe Verdict.Linearizable
        }

        test("a budget is positive") {
            shouldThrow<IllegalArgumentException> { History<Access, Any?>().check(Registers, budget = 0) }.message shouldBe
                "a budget of 0 configurations decides nothing: give at least 1"
        }
    })
