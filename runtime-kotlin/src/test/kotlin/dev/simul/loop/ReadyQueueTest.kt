package dev.simul.loop

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
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
                val target = if (step / 5_000 % 2 == 0) 60 else 300
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

        test("what has left a large queue is let go at once") {
            val queue = ReadyQueue()
            repeat(100) { queue.add { } }
            repeat(100) { queue.remove() }
            val left = leave(queue)
            System.gc()
            left.get().shouldBeNull()
        }

        test("a closed queue takes nothing any more") {
            val queue = ReadyQueue()
            queue.close()
            shouldThrow<IllegalStateException> { queue.add { } }.message shouldBe "Event loop is closed"
        }
    })

/** Has a callback come and go, and returns what would tell whether it is still there. */
private fun leave(queue: ReadyQueue): WeakReference<Callback> {
    var runs = 0
    val callback = Callback { runs++ } // It captures something, so that each is another one.
    queue.add(callback)
    queue.remove() shouldBe callback
    return WeakReference(callback)
}
