// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.bodies.Strike
import dev.simul.bodies.StrikingClassLoader
import io.kotest.assertions.withClue
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.shouldBe
import kotlin.random.Random

private class NamedTimer(
    loop: EventLoop,
    deadlineNanos: Long,
    val name: Int,
    private val fired: MutableList<Int>,
) : Timer(loop, deadlineNanos) {
    override fun fire() {
        fired += name
    }
}

private fun ReadyQueue.runAll() = repeat(size) { remove().run() }

class TimerHeapTest :
    FunSpec({
        val heap = TimerHeap()
        val ready = ReadyQueue()
        val fired = mutableListOf<Int>()
        val loop = EventLoop()

        beforeTest {
            heap.clear()
            fired.clear()
        }

        fun add(
            deadline: Long,
            name: Int = deadline.toInt(),
        ) = NamedTimer(loop, deadline, name, fired).also(heap::add)

        fun moveDue(now: Long) {
            heap.moveDue(now, ready)
            ready.runAll()
        }

        /** A timer counts its cancellation in the heap of its loop, which is another one here. */
        fun Timer.cancelHere() {
            cancel()
            if (scheduled) heap.cancelled(this)
        }

        test("gives out the earliest first") {
            val deadlines = (0L until 200).shuffled(Random(1))
            deadlines.forEach { add(it) }
            heap.size shouldBe 200
            (0 until 200).map { (heap.removeFirst() as NamedTimer).name } shouldContainExactly (0 until 200).toList()
            heap.isEmpty() shouldBe true
        }

        test("moves what is due, and nothing else") {
            for (deadline in listOf(30L, 10, 20)) add(deadline)
            moveDue(9)
            fired.shouldBeEmpty()
            moveDue(20)
            fired shouldContainExactly listOf(10, 20)
            heap.first().deadlineNanos shouldBe 30
        }

        test("equal deadlines come out in the order they came in, between others") {
            val random = Random(2)
            val names = (0 until 300).map { name -> random.nextLong(5).also { add(it, name) } to name }
            moveDue(5)
            fired shouldContainExactly names.sortedBy { it.first }.map { it.second }
        }

        test("drops cancelled timers from its top alone while they are few") {
            val timers = (1L..10).map { add(it) }
            for (i in listOf(0, 1, 4)) timers[i].cancelHere()
            heap.dropCancelled()
            heap.size shouldBe 8
            heap.first().deadlineNanos shouldBe 3
            moveDue(10)
            fired shouldContainExactly listOf(3, 4, 6, 7, 8, 9, 10)
        }

        test("a cancelled timer in the last place leaves at once, and those before it stay") {
            val timers = (1L..10).map { add(it) }
            timers[9].cancelHere()
            heap.size shouldBe 9
            heap.live shouldBe 9
            timers[9].scheduled shouldBe false
            timers[3].cancelHere()
            timers[8].cancelHere()
            heap.size shouldBe 8
            heap.live shouldBe 7
            moveDue(10)
            fired shouldContainExactly listOf(1, 2, 3, 5, 6, 7, 8)
            heap.isEmpty() shouldBe true
            heap.live shouldBe 0
        }

        test("a single timer may come and be cancelled again and again") {
            repeat(1_000) {
                add(it.toLong()).cancelHere()
                heap.isEmpty() shouldBe true
            }
            add(7)
            moveDue(7)
            fired shouldContainExactly listOf(7)
        }

        test("drops all cancelled timers when they are more than half of more than a hundred, and keeps the order") {
            val timers = (1L..150).map { add(it) }
            val (kept, cancelled) = timers.shuffled(Random(3)).let { it.take(50) to it.drop(50) }
            cancelled.forEach { it.cancelHere() }
            heap.dropCancelled()
            heap.size shouldBe 50
            cancelled.none { it.scheduled } shouldBe true
            moveDue(150)
            fired shouldContainExactly kept.map { it.name }.sorted()
        }

        test("counts right after a cancelled timer left by being due") {
            val first = add(1)
            repeat(101) { add(10, it) }
            first.cancelHere()
            moveDue(1)
            fired.shouldBeEmpty()
            val cancelled = (0 until 101).map { add(5) }
            cancelled.forEach { it.cancelHere() }
            heap.dropCancelled()
            heap.size shouldBe 101 // 101 of 202 are not more than half: only those at the top went
            cancelled.none { it.scheduled } shouldBe true
        }

        test("a timer cancelled after it left the heap is not counted in it") {
            val timer = add(1)
            heap.moveDue(1, ready)
            timer.scheduled shouldBe false
            timer.cancel()
            ready.runAll()
            fired.shouldBeEmpty()
        }

        test("an error that strikes in it loses no timer, and brings none twice") {
            val scenario =
                StrikingClassLoader()
                    .loadClass(TimerHeapScenario::class.java.name)
                    .getMethod("run", Runnable::class.java, Runnable::class.java)
            var methods = 0
            while (true) {
                Strike.forget()
                val arm = Runnable { Strike.arm(methods) { StackOverflowError("injected") } }
                val (expected, actual) = scenario.invoke(null, arm, Runnable(Strike::disarm)) as Pair<*, *>
                withClue({ "struck in ${Strike.place} after $methods methods" }) { actual shouldBe expected }
                if (Strike.place == null) break
                methods++
            }
            methods shouldBeGreaterThan 500
        }
    })
