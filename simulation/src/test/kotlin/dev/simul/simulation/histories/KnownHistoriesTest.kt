// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation.histories

import dev.simul.simulation.histories.Access.Cas
import dev.simul.simulation.histories.Access.Read
import dev.simul.simulation.histories.Access.Write
import dev.simul.simulation.histories.QueueCall.Dequeue
import dev.simul.simulation.histories.QueueCall.Enqueue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf

/** H1 to H4 are those of Herlihy and Wing's "Linearizability: a correctness condition for concurrent objects" (1990), figure 1. */
class KnownHistoriesTest :
    FunSpec({
        test("queue H1: overlapping enqueues may take effect either way round") {
            val history = History<QueueCall, Any?>()
            val x = history.begin("A", Enqueue("x"))
            val y = history.begin("B", Enqueue("y"))
            x.returned(Unit)
            y.returned(Unit)
            val dequeueB = history.begin("B", Dequeue)
            dequeueB.returned("x")
            val dequeueA = history.begin("A", Dequeue)
            dequeueA.returned("y")
            history.begin("A", Enqueue("z"))
            history.check(Fifo) shouldBe Verdict.Linearizable
        }

        test("queue H2: what was enqueued first, and before, comes out first") {
            val history = History<QueueCall, Any?>()
            history.record("A", Enqueue("x")) {}
            history.record("B", Enqueue("y")) {}
            history.record("A", Dequeue) { "y" }
            history.check(Fifo).shouldBeInstanceOf<Verdict.NotLinearizable>().misfit.result shouldBe "y"
        }

        test("queue H3: an item may come out before its enqueue has returned") {
            val history = History<QueueCall, Any?>()
            val enqueue = history.begin("A", Enqueue("x"))
            history.record("B", Dequeue) { "x" }
            enqueue.returned(Unit)
            history.check(Fifo) shouldBe Verdict.Linearizable
        }

        test("queue H4: no item comes out twice") {
            val history = History<QueueCall, Any?>()
            val x = history.begin("A", Enqueue("x"))
            val y = history.begin("B", Enqueue("y"))
            x.returned(Unit)
            y.returned(Unit)
            val dequeueA = history.begin("A", Dequeue)
            val dequeueC = history.begin("C", Dequeue)
            dequeueA.returned("y")
            dequeueC.returned("y")
            history.check(Fifo).shouldBeInstanceOf<Verdict.NotLinearizable>().misfit shouldBe dequeueC
        }

        test("register: during a write, one reader may still see the old value while another sees the new one") {
            val history = History<Access, Any?>()
            val write = history.begin(0, Write("x", 100))
            val new = history.begin(1, Read("x"))
            val old = history.begin(2, Read("x"))
            old.returned(0)
            new.returned(100)
            write.returned(Unit)
            history.check(Registers) shouldBe Verdict.Linearizable
        }

        test("register: once a reader has seen the new value, a later one does not see the old one") {
            val history = History<Access, Any?>()
            val write = history.begin(0, Write("x", 200))
            history.record(1, Read("x")) { 200 }
            val stale = history.begin(2, Read("x"))
            stale.returned(0)
            write.returned(Unit)
            history.check(Registers).shouldBeInstanceOf<Verdict.NotLinearizable>().misfit shouldBe stale
        }

        test("register: a write that was cut off may take effect late, or never") {
            val history = History<Access, Any?>()
            history.begin(0, Write("x", 1))
            history.record(1, Read("x")) { 0 }
            history.record(1, Read("x")) { 0 }
            history.check(Registers) shouldBe Verdict.Linearizable
            history.record(1, Read("x")) { 1 }
            history.check(Registers) shouldBe Verdict.Linearizable
            history.record(1, Read("x")) { 0 }
            history.check(Registers).shouldBeInstanceOf<Verdict.NotLinearizable>()
        }

        test("register: a write that was cut off takes effect once, not once for each reader") {
            val history = History<Access, Any?>()
            history.begin(0, Write("x", 1))
            history.record(1, Read("x")) { 1 }
            history.record(2, Write("x", 2)) {}
            history.record(1, Read("x")) { 1 }
            history.check(Registers).shouldBeInstanceOf<Verdict.NotLinearizable>()
        }

        test("register: two equal writes that were cut off may take effect at two times") {
            val history = History<Access, Any?>()
            history.begin(0, Write("x", 1))
            history.begin(3, Write("x", 1))
            history.record(1, Read("x")) { 1 }
            history.record(2, Write("x", 2)) {}
            history.record(1, Read("x")) { 1 }
            history.check(Registers) shouldBe Verdict.Linearizable
        }

        test("compare-and-set: of two that expect the same value, one succeeds") {
            val history = History<Access, Any?>()
            val first = history.begin("a", Cas("x", 0, 1))
            val second = history.begin("b", Cas("x", 0, 2))
            first.returned(true)
            second.returned(false)
            history.check(Registers) shouldBe Verdict.Linearizable
        }

        test("compare-and-set: a lock that two hold is none") {
            val history = History<Access, Any?>()
            val first = history.begin("a", Cas("x", 0, 1))
            val second = history.begin("b", Cas("x", 0, 2))
            first.returned(true)
            second.returned(true)
            history.check(Registers).shouldBeInstanceOf<Verdict.NotLinearizable>()
        }

        test("compare-and-set: a retry after a lost answer fails although the first try succeeded") {
            val history = History<Access, Any?>()
            history.begin("a", Cas("x", 0, 1))
            history.record("a", Cas("x", 0, 1)) { false }
            history.record("b", Read("x")) { 1 }
            history.check(Registers) shouldBe Verdict.Linearizable
        }

        test("keys have registers of their own") {
            val history = History<Access, Any?>()
            history.record("a", Write("x", 1)) {}
            history.record("a", Read("y")) { 0 }
            history.check(Registers) shouldBe Verdict.Linearizable
            history.check(OneRegister).shouldBeInstanceOf<Verdict.NotLinearizable>()
        }
    })
