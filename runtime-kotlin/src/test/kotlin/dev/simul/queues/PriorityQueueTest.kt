// SPDX-License-Identifier: Apache-2.0
package dev.simul.queues

import dev.simul.loopTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe

class PriorityQueueTest :
    FunSpec({
        loopTest("the least item comes first") {
            val queue = PriorityQueue<Int>()
            for (item in listOf(1, 3, 2)) queue.put(item)
            List(3) { queue.get() }.shouldContainExactly(1, 2, 3)
        }

        loopTest("an order of one's own decides what is least") {
            val queue = PriorityQueue<String>(order = compareBy { it.length })
            for (item in listOf("long", "medium", "by")) queue.put(item)
            List(3) { queue.get() }.shouldContainExactly("by", "long", "medium")
        }

        test("an item that cannot be compared is refused, and not in the queue") {
            val queue = PriorityQueue<Any>()
            shouldThrow<ClassCastException> { queue.putNowait(Any()) }
            queue.toString() shouldBe "<PriorityQueue maxsize=0>"
        }

        test("it can be limited") {
            val queue = PriorityQueue<Int>(1)
            queue.putNowait(1)
            shouldThrow<QueueFull> { queue.putNowait(2) }
        }
    })
