// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.util.concurrent.CyclicBarrier
import kotlin.concurrent.thread

class InboxTest :
    FunSpec({
        val inbox = Inbox()
        val ready = ReadyQueue()
        val events = mutableListOf<Any>()

        beforeTest { events.clear() }

        fun take() {
            inbox.drainTo(ready)
            repeat(ready.size) { ready.remove().run() }
        }

        test("hands on what was added, in that order, once") {
            inbox.isEmpty() shouldBe true
            for (i in 1..5) inbox.add { events += i }
            inbox.isEmpty() shouldBe false
            take()
            inbox.isEmpty() shouldBe true
            take()
            inbox.add { events += 6 }
            take()
            events shouldContainExactly listOf(1, 2, 3, 4, 5, 6)
        }

        test("keeps each thread's order, and loses nothing, while others add and one takes") {
            val threads = 4
            val each = 20_000
            val start = CyclicBarrier(threads + 1)
            val adders =
                (0 until threads).map { number ->
                    thread {
                        start.await()
                        for (i in 0 until each) inbox.add { events += number to i }
                    }
                }
            start.await()
            while (events.size < threads * each) take()
            adders.forEach { it.join() }
            inbox.isEmpty() shouldBe true
            @Suppress("UNCHECKED_CAST")
            val byThread = (events as List<Pair<Int, Int>>).groupBy({ it.first }, { it.second })
            for (number in 0 until threads) byThread[number] shouldBe (0 until each).toList()
        }
    })
