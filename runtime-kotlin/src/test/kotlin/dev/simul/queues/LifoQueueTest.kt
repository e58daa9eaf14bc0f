// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

import dev.simul.loopTest
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class LifoQueueTest :
    FunSpec({
        loopTest("the item that was put last comes first") {
            val queue = LifoQueue<Int>()
            for (item in listOf(1, 3, 2)) queue.put(item)
            queue.toString() shouldBe "<LifoQueue maxsize=0 items=[1, 3, 2] tasks=3>"
            List(3) { queue.get() }.shouldContainExactly(2, 3, 1)
        }

        test("it can be limited") {
            val queue = LifoQueue<Int>(1)
            queue.putNowait(1)
            queue.full() shouldBe true
        }
    })
