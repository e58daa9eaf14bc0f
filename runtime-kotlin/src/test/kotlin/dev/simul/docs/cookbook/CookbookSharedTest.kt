// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs.cookbook

import dev.simul.AsyncCloseable
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.gatherResults
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.checkCancelSafe
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.io.IOException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

class CookbookSharedTest :
    FunSpec({
        context("a pool") {
            loopTest("lends each resource to one task at a time, and opens no more than it may") {
                val opened = Opened()
                val pool = Pool(2) { opened.open() }
                gather(List(5) { createTask { pool.use { sleep(1.seconds) } } }).await()
                opened.events shouldContainExactly listOf("open 1", "open 2")
                getRunningLoop().time() shouldBe 3.seconds
                pool.aclose()
                opened.events.drop(2) shouldContainExactly listOf("close 2", "close 1")
                shouldThrow<IllegalStateException> { pool.use { } }.message shouldBe "the pool is closed"
            }

            loopTest("closes a resource that was in use by a task that has failed or was cancelled") {
                val opened = Opened()
                val pool = Pool(1) { opened.open() }
                shouldThrow<IOException> { pool.use { throw IOException("lost") } }
                val task = createTask { pool.use { sleep(1.hours) } }
                sleep(1.seconds)
                task.cancel()
                pool.use { }
                opened.events shouldContainExactly listOf("open 1", "close 1", "open 2", "close 2", "open 3")
            }

            loopTest("closes a resource that comes back after its end") {
                val opened = Opened()
                val pool = Pool(1) { opened.open() }
                val task = createTask { pool.use { sleep(1.seconds) } }
                sleep(Duration.ZERO)
                pool.aclose()
                task.await()
                opened.events shouldContainExactly listOf("open 1", "close 1")
            }

            test("leaves nothing open, in whatever turn it is cancelled") {
                checkCancelSafe(
                    setUp = { Opened() },
                    check = { opened -> opened.open shouldBe 0 },
                ) { opened ->
                    val pool = Pool(1) { opened.open() }
                    try {
                        repeat(2) { pool.use { sleep(1.seconds) } }
                    } finally {
                        pool.aclose()
                    }
                }
            }
        }

        context("a cache") {
            loopTest("loads once for all who ask, and again when that is old") {
                var loads = 0
                val cache = Cache<String, Int>(1.minutes) { sleep(1.seconds).let { ++loads } }
                gather(List(3) { createTask { cache.get("a") } }).await() shouldBe listOf(1, 1, 1)
                sleep(59.seconds)
                cache.get("a") shouldBe 1
                sleep(2.seconds)
                cache.get("a") shouldBe 2
            }

            loopTest("gives a failure to those who wait, and keeps it not") {
                var loads = 0
                val cache = Cache<String, Int>(1.minutes) { sleep(1.seconds).let { if (++loads == 1) throw IOException("refused") else 7 } }
                val results = gatherResults(List(2) { createTask { cache.get("a") } }).await()
                results.map { it.exceptionOrNull()?.message } shouldBe listOf("refused", "refused")
                cache.get("a") shouldBe 7
            }

            loopTest("goes on for the others when one who asks is cancelled, even the first") {
                val cache = Cache<String, Int>(1.minutes) { sleep(2.seconds).let { 7 } }
                val first = createTask { cache.get("a") }
                val second = createTask { cache.get("a") }
                sleep(1.seconds)
                first.cancel()
                second.await() shouldBe 7
                getRunningLoop().time() shouldBe 2.seconds
                shouldThrow<CancelledException> { first.await() }
            }
        }

        context("a long poll") {
            loopTest("gives at once what is there, and waits for the next") {
                val board = Board()
                board.post("one")
                board.postsAfter(0, 1.minutes) shouldBe listOf("one")
                val reader = createTask { board.postsAfter(1, 1.minutes) }
                sleep(10.seconds)
                board.post("two")
                reader.await() shouldBe listOf("two")
                getRunningLoop().time() shouldBe 10.seconds
            }

            loopTest("gives nothing when it is over, and holds no lock") {
                val board = Board()
                board.postsAfter(0, 1.minutes) shouldBe emptyList()
                getRunningLoop().time() shouldBe 1.minutes
                val reader = createTask { board.postsAfter(0, 1.hours) }
                sleep(1.seconds)
                reader.cancel()
                board.post("one")
                shouldThrow<CancelledException> { reader.await() }
            }
        }
    })

/** Numbers what it opens, and notes what happens to it. */
private class Opened {
    val events = mutableListOf<String>()
    var open = 0
    private var number = 0

    suspend fun open(): AsyncCloseable {
        sleep(Duration.ZERO)
        val name = ++number
        events += "open $name"
        open++
        return object : AsyncCloseable {
            override suspend fun aclose() {
                open--
                events += "close $name"
            }
        }
    }
}
