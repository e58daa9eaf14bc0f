// SPDX-License-Identifier: Apache-2.0
package dev.simul.sync

import dev.simul.AsyncContextManager
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.runUntilComplete
import dev.simul.sleep
import dev.simul.testing.VirtualClock
import dev.simul.testing.runTest
import dev.simul.use
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlin.random.Random
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.nanoseconds
import kotlin.time.Duration.Companion.seconds

private fun now() = getRunningLoop().time()

class RateLimiterTest :
    FunSpec({
        loopTest("as many as a window has enter at once, and the others when their place is free again") {
            val limiter = RateLimiter(3, 1.seconds)
            val times = mutableListOf<Duration>()
            repeat(8) { limiter.use { times += now() } }
            times.map { it.inWholeSeconds }.shouldContainExactly(0, 0, 0, 1, 1, 1, 2, 2)
        }

        loopTest("no window has more than its number, wherever it begins") {
            val random = Random(1)
            val limiter = RateLimiter(4, 1.seconds)
            val times = mutableListOf<Duration>()
            val tasks =
                List(300) {
                    sleep(random.nextInt(300).milliseconds)
                    createTask { limiter.use { times += now() } }.also { if (random.nextInt(5) == 0) it.cancel() }
                }
            tasks.forEach { runCatching { it.await() } }
            times.windowed(5).forEach { (it.last() - it.first() >= 1.seconds) shouldBe true }
            times shouldBe times.sorted()
            times.windowed(5).any { it.last() - it.first() == 1.seconds } shouldBe true
        }

        loopTest("places come free one by one, as they were taken") {
            val limiter = RateLimiter(2, 10.seconds)
            limiter.acquire()
            sleep(4.seconds)
            limiter.acquire()
            limiter.acquire()
            now() shouldBe 10.seconds
            limiter.acquire()
            now() shouldBe 14.seconds
            limiter.acquire()
            now() shouldBe 20.seconds
        }

        loopTest("what was not used is not saved up") {
            val limiter = RateLimiter(2, 1.seconds)
            sleep(60.seconds)
            repeat(3) { limiter.acquire() }
            now() shouldBe 61.seconds
        }

        loopTest("without a wait the turn is not given up") {
            val other = createTask { }
            RateLimiter(1, 1.seconds).acquire()
            other.done() shouldBe false
        }

        loopTest("tasks enter in the order they asked, and who comes later does not overtake") {
            val limiter = RateLimiter(1, 1.seconds)
            val events = mutableListOf<String>()

            suspend fun enter(name: String) = limiter.use { events += "$name at ${now()}" }
            enter("first")
            val waiting = listOf("second", "third").map { createTask { enter(it) } }
            // This one asks in the turn in which the second is woken, before that runs.
            getRunningLoop().callLater(1.seconds) { createTask { enter("late") } }
            gather(waiting).await()
            sleep(9.seconds)
            events.shouldContainExactly("first at 0s", "second at 1s", "third at 2s", "late at 3s")
        }

        loopTest("a cancelled waiter takes no place, and leaves no timer behind") {
            val limiter = RateLimiter(1, 5.seconds)
            limiter.acquire()
            val first = createTask { limiter.acquire() }
            val second = createTask { limiter.acquire() }
            sleep(1.seconds)
            limiter.toString() shouldBe "<RateLimiter [1 per 5s, waiters:2]>"
            first.cancel()
            second.await()
            now() shouldBe 5.seconds
            val third = createTask { limiter.acquire() }
            turn()
            third.cancel()
            turn()
            limiter.toString() shouldBe "<RateLimiter [1 per 5s]>"
            getRunningLoop().pendingTimers.shouldBeEmpty()
        }

        loopTest("a waiter that was woken and is cancelled gives its place to the next, in the same turn") {
            val limiter = RateLimiter(1, 5.seconds)
            limiter.acquire()
            val first = createTask { limiter.acquire() }
            val second = createTask { limiter.acquire() }
            turn()
            // After the limiter's own timer, and before the task that it has woken.
            getRunningLoop().callLater(5.seconds) { first.cancel() }
            second.await()
            first.cancelled() shouldBe true
            now() shouldBe 5.seconds
        }

        test("an entry counts from when its task goes on, not from when it was woken") {
            val clock = VirtualClock()
            val loop = clock.newLoop()
            val times = mutableListOf<Duration>()
            loop.use {
                val limiter = RateLimiter(1, 1.seconds)
                loop.runUntilComplete {
                    limiter.acquire()
                    times += now()
                    val tasks =
                        List(2) {
                            createTask {
                                limiter.acquire()
                                times += now()
                            }
                        }
                    turn()
                    // The loop is held up just when the first of them is woken.
                    loop.callLater(1.seconds) { clock.advance(300.milliseconds) }
                    gather(tasks).await()
                }
            }
            times.shouldContainExactly(0.seconds, 1.3.seconds, 2.3.seconds)
        }

        loopTest("it is locked while its window is used up, or others wait") {
            val limiter = RateLimiter(1, 1.seconds)
            limiter.locked() shouldBe false
            limiter.acquire()
            limiter.locked() shouldBe true
            sleep(1.seconds - 1.nanoseconds)
            limiter.locked() shouldBe true
            sleep(1.nanoseconds)
            limiter.locked() shouldBe false
        }

        loopTest("it is an async context manager") {
            val limiter: AsyncContextManager<Unit> = RateLimiter(1, 1.seconds)
            limiter.use { "first" } shouldBe "first"
            shouldThrow<ArithmeticException> { limiter.use { throw ArithmeticException() } }
            now() shouldBe 1.seconds
        }

        loopTest("a cancelled wait throws, and the block does not run") {
            val limiter = RateLimiter(1, 1.seconds)
            limiter.acquire()
            val task = createTask { limiter.use { error("ran") } }
            turn()
            task.cancel()
            shouldThrow<CancelledException> { task.await() }
        }

        test("it belongs to the loop of its first use") {
            val limiter = RateLimiter(2, 1.seconds)
            runTest { limiter.acquire() }
            runTest { shouldThrow<IllegalStateException> { limiter.acquire() }.message shouldContain "different event loop" }
        }

        test("a window without entries or length is refused") {
            shouldThrow<IllegalArgumentException> { RateLimiter(0, 1.seconds) }.message shouldContain "not 0"
            shouldThrow<IllegalArgumentException> { RateLimiter(1, Duration.ZERO) }.message shouldContain "not 0s"
        }
    })
