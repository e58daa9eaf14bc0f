// SPDX-License-Identifier: Apache-2.0
package dev.simul.observe.jmx

import dev.simul.allTasks
import dev.simul.bodies.Carrier
import dev.simul.bodies.carrier
import dev.simul.bodies.carriersHere
import dev.simul.bodies.framesOfWait
import dev.simul.createFuture
import dev.simul.createTask
import dev.simul.interop.awaitInBody
import dev.simul.interop.bodyOf
import dev.simul.loop.EventLoop
import dev.simul.observe.inTurn
import dev.simul.observe.metrics
import dev.simul.observe.withRunning
import io.kotest.core.spec.style.FunSpec
import io.kotest.core.spec.style.scopes.FunSpecContainerScope
import io.kotest.matchers.booleans.shouldBeTrue
import io.kotest.matchers.collections.shouldContainAll
import io.kotest.matchers.ints.shouldBeGreaterThan
import io.kotest.matchers.ints.shouldBeLessThanOrEqual
import io.kotest.matchers.shouldBe
import io.kotest.matchers.shouldNotBe
import io.kotest.matchers.string.shouldContain
import java.util.concurrent.ConcurrentLinkedQueue

/** What a look costs the loop that it looks at: the frames of bodies are the stacks of threads. */
class BodiesInSnapshotTest :
    FunSpec({
        carriersHere.forEach { carrier -> context(carrier.name) { tests(carrier) } }
    })

private suspend fun FunSpecContainerScope.tests(carrier: Carrier) {
    test("no stack of a thread is read in the loop's turn") {
        withBodies(carrier, count = 3) { loop ->
            val readers = ConcurrentLinkedQueue<Thread>()
            for (stacks in listOf(false, true)) {
                loop.look(stacks) { readers += Thread.currentThread() }.isAnswer.shouldBeTrue()
                readers.toSet() shouldBe setOf(Thread.currentThread())
                readers.clear()
            }
        }
    }

    test("a look reads a bounded number of threads, and the looks after it read the others") {
        val count = OutermostLines.MOST_READ + 50
        withBodies(carrier, count) { loop ->
            var known = emptySet<Long>()
            var looks = 0
            while (known.size < count && looks++ < count) {
                var read = 0
                val seen = loop.look(stacks = false) { read++ }
                read shouldBeLessThanOrEqual OutermostLines.MOST_READ
                val told = seen.tasks.filter { it.coroutine.isNotEmpty() }
                told.forEach { it.coroutine shouldContain "(BodiesInSnapshotTest.kt:" }
                told.size - known.size shouldBeLessThanOrEqual OutermostLines.MOST_READ
                told.size shouldBeGreaterThan 0
                told.map { it.id } shouldContainAll known
                known = told.mapTo(HashSet()) { it.id }
            }
            known.size shouldBe count
            looks shouldBeGreaterThan 1
        }
    }

    test("a body that has moved on is shown where it is") {
        running(carrier) { loop ->
            val first = loop.inTurn { loop.createFuture<Unit>() }
            val second = loop.inTurn { loop.createFuture<Unit>() }
            val mover =
                bodyOf {
                    awaitInBody(first)
                    awaitInBody(second)
                }
            loop.inTurn { loop.createTask(mover, name = "mover") }
            loop.settle()
            val before = loop.look(stacks = false).task("mover").coroutine
            before shouldContain "(BodiesInSnapshotTest.kt:"
            loop.inTurn { first.setResult(Unit) }
            loop.settle()
            val after = loop.look(stacks = false).task("mover").coroutine
            after shouldContain "(BodiesInSnapshotTest.kt:"
            after shouldNotBe before
        }
    }

    test("a look with stacks is remembered by one without") {
        val count = OutermostLines.MOST_READ + 50
        withBodies(carrier, count) { loop ->
            loop.look(stacks = true).tasks.forEach { it.stack.last() shouldContain "(BodiesInSnapshotTest.kt:" }
            loop.look(stacks = false).tasks.forEach { it.coroutine shouldContain "(BodiesInSnapshotTest.kt:" }
        }
    }
}

private fun EventLoop.look(
    stacks: Boolean,
    reads: () -> Unit = {},
): SeenLoop {
    val question =
        Question(this, { stacks }) { body ->
            reads()
            body.framesOfWait()
        }
    return SeenLoop(question.answerBy(System.nanoTime() + 30_000_000_000)!!)
}

/** A loop with so many tasks, each of which is a body that waits. */
private fun withBodies(
    carrier: Carrier,
    count: Int,
    block: (EventLoop) -> Unit,
) = running(carrier) { loop ->
    val never = loop.inTurn { loop.createFuture<Unit>() }
    loop.inTurn { repeat(count) { loop.createTask(bodyOf { awaitInBody(never) }) } }
    loop.settle()
    block(loop)
}

private fun running(
    carrier: Carrier,
    block: (EventLoop) -> Unit,
) = withRunning { loop ->
    loop.inTurn { loop.carrier = carrier }
    try {
        block(loop)
    } finally {
        loop.inTurn { allTasks(loop).forEach { it.cancel() } }
        while (loop.inTurn { allTasks(loop).size } > 0) Thread.onSpinWait()
    }
}

/** Waits until nothing is ready. */
private fun EventLoop.settle() {
    do inTurn { } while (inTurn { metrics.ready } > 0)
}
