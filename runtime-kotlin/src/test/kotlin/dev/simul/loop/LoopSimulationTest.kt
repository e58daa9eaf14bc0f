// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds

/** Which orders a simulation may choose; [Scripted] chooses the last of those that are left, and holds back as many as it is told. */
class LoopSimulationTest :
    FunSpec({
        fun callbacks(
            order: TurnOrder,
            heldBack: Int = 0,
            schedule: EventLoop.(MutableList<String>) -> Unit,
        ): List<String> {
            var now = 0L
            val called = ArrayList<String>()
            EventLoop({ now }).use { loop ->
                loop.simulation = Scripted(order, heldBack)
                loop.schedule(called)
                now += 10.milliseconds.inWholeNanoseconds
                loop.callSoon { loop.stop() }
                loop.runForever()
            }
            return called
        }

        fun EventLoop.some(called: MutableList<String>) {
            for (i in 1..3) callSoon { called += "call $i" }
            for (i in 1..3) callAt(5.milliseconds) { called += "timer $i" }
            callAt(6.milliseconds) { called += "a later timer" }
        }

        test("asyncio's order is not touched") {
            callbacks(TurnOrder.ASYNCIO) { some(it) } shouldContainExactly
                listOf("call 1", "call 2", "call 3", "timer 1", "timer 2", "timer 3", "a later timer")
        }

        test("what asyncio leaves open: timers of one deadline") {
            callbacks(TurnOrder.OPEN) { some(it) } shouldContainExactly
                listOf("call 1", "call 2", "call 3", "timer 3", "timer 2", "timer 1", "a later timer")
        }

        test("any order: of all that a turn begins with") {
            callbacks(TurnOrder.ANY) { some(it) } shouldContainExactly
                listOf("a later timer", "timer 3", "timer 2", "timer 1", "call 3", "call 2", "call 1")
        }

        test("in any order, some have to wait for a later turn") {
            // The last of all stops the loop with this turn, and is the first to run.
            callbacks(TurnOrder.ANY, heldBack = 1) { called -> for (i in 1..3) callSoon { called += "call $i" } } shouldContainExactly
                listOf("call 3", "call 2")
        }

        test("in any order, calls in order stay in theirs") {
            val called =
                callbacks(TurnOrder.ANY) { called ->
                    for (i in 1..2) {
                        callInOrder { called += "in order $i" }
                        callSoon { called += "call $i" }
                    }
                }
            called shouldContainExactly listOf("call 2", "in order 1", "call 1", "in order 2")
        }

        test("more callbacks than the ready queue's ring has room for are arranged, and none is lost") {
            val called = callbacks(TurnOrder.ANY) { called -> for (i in 1..300) callSoon { called += "$i" } }
            called shouldContainExactly (300 downTo 1).map { "$it" }
        }

        test("the loop tells whether it has something to do, and when its first timer is due") {
            EventLoop({ 0L }).use { loop ->
                loop.hasWork shouldBe false
                loop.nextTimerNanos shouldBe Long.MAX_VALUE
                val first = loop.callAt(7.nanoseconds) { }
                loop.callAt(9.nanoseconds) { }
                loop.nextTimerNanos shouldBe 7
                first.cancel()
                loop.nextTimerNanos shouldBe 9
                loop.callSoonThreadsafe { }
                loop.hasWork shouldBe true
            }
        }
    })

private class Scripted(
    override val order: TurnOrder,
    private val heldBack: Int,
) : LoopSimulation {
    override val isOwnThread: Boolean get() = true

    override fun startLoop(
        name: String,
        main: suspend () -> Unit,
        ended: (Throwable?) -> Unit,
    ): EventLoop = throw UnsupportedOperationException("one loop is enough")

    override fun waitingThreadsChanged() = Unit

    override fun runLater(block: () -> Unit) = block()

    private var last = Int.MAX_VALUE

    /** The bounds of one shuffle decrease; the one after it is that of how many are held back. */
    override fun choose(bound: Int): Int {
        val isShuffle = bound < last
        last = if (isShuffle) bound else Int.MAX_VALUE
        return if (isShuffle) bound - 1 else heldBack
    }
}
