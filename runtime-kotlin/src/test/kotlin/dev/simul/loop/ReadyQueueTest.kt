// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.ints.shouldBeLessThan
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.nulls.shouldNotBeNull
import io.kotest.matchers.shouldBe
import java.lang.ref.WeakReference
import kotlin.random.Random

class ReadyQueueTest :
    FunSpec({
        test("what comes first leaves first, however the queue grows, shrinks and forgets") {
            val random = Random(7)
            val queue = ReadyQueue()
            val model = ArrayDeque<Callback>()
            val callbacks = List(5) { Callback { } }
            repeat(20_000) { step ->
                val target = listOf(60, 300, 20, 150)[step / 1_000 % 4]
                when {
                    random.nextInt(50) == 0 -> queue.forget()
                    random.nextInt(target) > model.size -> callbacks.random(random).let { queue.add(it).also { _ -> model.addLast(it) } }
                    model.isNotEmpty() -> queue.remove() shouldBe model.removeFirst()
                }
                queue.size shouldBe model.size
            }
            queue.close() shouldContainExactly model
        }

        test("what has left is let go when the queue forgets, and what is in it is kept") {
            val queue = ReadyQueue()
            val left = List(70) { leave(queue) }
            val within = WeakReference(Callback { }.also(queue::add))
            queue.forget()
            System.gc()
            for (reference in left) reference.get().shouldBeNull()
            within.get().shouldNotBeNull()
        }

        test("what has left a long queue is let go when it forgets, and what is in it is kept") {
            val queue = ReadyQueue()
            val all = List(300) { WeakReference(aCallback().also(queue::add)) }
            repeat(200) { queue.remove() }
            queue.forget()
            System.gc()
            for (reference in all.take(200)) reference.get().shouldBeNull()
            for (reference in all.drop(200)) queue.remove() shouldBe reference.get()
            queue.isEmpty() shouldBe true
        }

        test("a long queue keeps few of those that have left") {
            val queue = ReadyQueue()
            val all = List(10_000) { WeakReference(aCallback().also(queue::add)) }
            repeat(9_000) { queue.remove() }
            System.gc()
            all.take(9_000).count { it.get() != null } shouldBeLessThan 150
        }

        test("a closed queue takes nothing any more") {
            val queue = ReadyQueue()
            queue.close()
            shouldThrow<IllegalStateException> { queue.add { } }.message shouldBe "Event loop is closed"
        }
    })

/** It captures something, so that each is another one. */
private fun aCallback(): Callback {
    var runs = 0
    return Callback { runs++ }
}

/** Has a callback come and go, and returns what would tell whether it is still there. */
private fun leave(queue: ReadyQueue): WeakReference<Callback> {
    val callback = aCallback()
    queue.add(callback)
    queue.remove() shouldBe callback
    return WeakReference(callback)
}
