// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.spi.exception.RetryableHazelcastException
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.maps.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.NotSerializableException
import java.util.Optional
import java.util.concurrent.CancellationException
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.milliseconds

private class Unsendable(
    @Suppress("unused") val thread: Thread,
) : Exception("too heavy")

private class Burst(
    private val name: String,
) : ClusterWork<Int> {
    override fun call(): Int {
        val now = Seen.count("$name-now").incrementAndGet()
        Seen.count("$name-most").accumulateAndGet(now, ::maxOf)
        Thread.sleep(5)
        Seen.count("$name-now").decrementAndGet()
        return now
    }
}

class CallsTest :
    FunSpec({
        test("a lambda is done by a thread of the member's, and what it captures goes with it") {
            alone { cluster ->
                val words = listOf("a", "lambda")
                val result = cluster.runInExecutor { words.joinToString(" ") to Thread.currentThread().name }
                result.first shouldBe "a lambda"
                result.second shouldContain "hz."
            }
        }

        test("what the work throws is thrown here, as itself") {
            alone { cluster ->
                shouldThrow<ArithmeticException> { cluster.runInExecutor { 1 / Integer.parseInt("0") } }.message shouldBe "/ by zero"
            }
        }

        test("an exception of another member's says where it was thrown") {
            inPair { one, two ->
                val failure = shouldThrow<ArithmeticException> { one.runOnMember(two.localMember) { 1 / Integer.parseInt("0") } }
                failure.suppressed.map { it.toString() } shouldContainExactly listOf("thrown at the member ${two.localMember}")
            }
        }

        test("an exception that cannot be sent is told of") {
            alone { cluster ->
                val failure = shouldThrow<WorkFailedException> { cluster.runInExecutor { throw Unsendable(Thread.currentThread()) } }
                failure.member shouldBe cluster.localMember
                failure.message shouldContain "too heavy"
            }
        }

        test("a work, or a result, that is not serializable is refused by its name") {
            alone { cluster ->
                val thread = Thread.currentThread()
                shouldThrow<NotSerializableException> { cluster.runInExecutor { thread.name } }.message shouldContain "java.lang.Thread"
                val failure = shouldThrow<IllegalArgumentException> { cluster.runInExecutor { Optional.of(1) } }
                failure.message shouldBe "the work's result cannot be sent: java.util.Optional is not java.io.Serializable"
            }
        }

        test("a work that throws what Hazelcast takes for a passing failure of its own is done once") {
            alone { cluster ->
                shouldThrow<RetryableHazelcastException> {
                    cluster.runInExecutor {
                        Seen.count("retryable").incrementAndGet()
                        throw RetryableHazelcastException("try again")
                    }
                }
                Seen.count("retryable").get() shouldBe 1
            }
        }

        test("a work that throws a cancellation fails, and cancels nobody") {
            alone { cluster ->
                shouldThrow<WorkFailedException> { cluster.runInExecutor { throw CancellationException("mine") } }
                    .message shouldContain "mine"
            }
        }

        test("a cancelled call ends at once, and interrupts the work") {
            alone { cluster ->
                val call =
                    createTask {
                        cluster.runInExecutor {
                            Seen.latch("begun").countDown()
                            try {
                                Thread.sleep(60_000)
                            } catch (e: InterruptedException) {
                                Seen.count("interrupted").incrementAndGet()
                                throw e
                            }
                        }
                    }
                until { Seen.latch("begun").count == 0L }
                call.cancel()
                shouldThrow<CancelledException> { call.await() }
                until { Seen.count("interrupted").get() == 1 }
                cluster.runInExecutor { Thread.interrupted() } shouldBe false
            }
        }

        test("a work that is cancelled before it begins never does") {
            alone(threads = 1) { cluster ->
                val first = createTask { cluster.runInExecutor { Seen.latch("first").await(30, TimeUnit.SECONDS) } }
                val second = createTask { cluster.runInExecutor { Seen.count("second").incrementAndGet() } }
                val third = createTask { cluster.runInExecutor { Seen.count("third").incrementAndGet() } }
                sleep(100.milliseconds)
                second.cancel()
                shouldThrow<CancelledException> { second.await() }
                // Until the member has heard of it.
                sleep(300.milliseconds)
                Seen.latch("first").countDown()
                first.await() shouldBe true
                third.await() shouldBe 1
                Seen.count("second").get() shouldBe 0
            }
        }

        test("no more than maxPending calls are under way at a member, and the others wait here") {
            alone(threads = 16, maxPending = 3) { cluster ->
                gather(*(1..50).map { createTask { cluster.runInExecutor(work = Burst("bounded")) } }.toTypedArray()).await()
                Seen.count("bounded-most").get() shouldBe 3
            }
        }

        test("all members do it, and each has its result") {
            inPair { one, two ->
                val results =
                    one.runOnAll {
                        if (Seen.count("on-all").incrementAndGet() == 1) throw IllegalStateException("the first fails")
                        "done"
                    }
                results shouldHaveSize 2
                results.keys shouldBe setOf(one.localMember, two.localMember)
                results.values.mapNotNull { it.exception()?.message } shouldContainExactly listOf("the first fails")
                results.values.single { it.exception() == null }.result() shouldBe "done"
            }
        }

        test("works of one key meet at its owner") {
            inPair { one, two ->
                val owners =
                    (1..20).map { key ->
                        val work = WhereAmI()
                        setOf(one.runOnKeyOwner("$key", work = work), two.runOnKeyOwner("$key", work = work)).single()
                    }
                owners.toSet() shouldBe setOf("one", "two")
            }
        }

        test("a closed cluster says so, and what is under way fails") {
            alone { cluster ->
                val call = createTask { runCatching { cluster.runInExecutor { Thread.sleep(60_000) } } }
                sleep(200.milliseconds)
                cluster.aclose()
                (call.await().exceptionOrNull() is IllegalStateException) shouldBe true
                shouldThrow<IllegalStateException> { cluster.runInExecutor { 1 } }.message shouldContain "is closed"
                shouldThrow<IllegalStateException> { cluster.members }
                cluster.aclose()
            }
        }
    })

internal class WhereAmI :
    ClusterWork<String>,
    com.hazelcast.core.HazelcastInstanceAware {
    @Transient
    private var hazelcast: com.hazelcast.core.HazelcastInstance? = null

    override fun setHazelcastInstance(instance: com.hazelcast.core.HazelcastInstance) {
        hazelcast = instance
    }

    override fun call(): String = hazelcast!!.cluster.localMember.getAttribute(MEMBER_NAME)
}
