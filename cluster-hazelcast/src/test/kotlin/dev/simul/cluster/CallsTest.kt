// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.core.LocalMemberResetException
import com.hazelcast.core.MemberLeftException
import com.hazelcast.spi.exception.RetryableHazelcastException
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.gather
import dev.simul.sleep
import dev.simul.toThread
import dev.simul.wrapFuture
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.collections.shouldHaveSize
import io.kotest.matchers.maps.shouldHaveSize
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.io.NotSerializableException
import java.io.Serializable
import java.util.Optional
import java.util.UUID
import java.util.concurrent.CancellationException
import java.util.concurrent.TimeUnit
import kotlin.text.Charsets.ISO_8859_1
import kotlin.time.Duration.Companion.milliseconds
import dev.simul.run as runLoop

private class Unsendable(
    @Suppress("unused") val thread: Thread,
) : Exception("too heavy")

private class Hidden : Serializable

private class HiddenException : Exception()

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

        test("a work reaches no other process that has its member's address by now") {
            alone { cluster ->
                val work = ClusterWork { Seen.count("misdirected").incrementAndGet() }
                val message = WorkMessage(UUID.randomUUID(), UUID.randomUUID(), Serialized.write(work))
                message.setHazelcastInstance(cluster.hazelcast)
                val failure = shouldThrow<MemberLostException> { Outcome.resultOf(message.call(), cluster.localMember, null) }
                failure.mayHaveRun shouldBe false
                Seen.count("misdirected").get() shouldBe 0
            }
        }

        test("a failure with a cause, as Hazelcast's when clusters merge, reaches the caller whole") {
            onLoop {
                val failure = MemberLeftException(LocalMemberResetException("merging"))
                val answer = Calls.Answer<ByteArray>().apply { onFailure(failure) }
                shouldThrow<MemberLeftException> { wrapFuture(answer).await() } shouldBe failure
            }
        }

        test("a result, or an exception, whose class is missing here is a failure that names the member") {
            alone { cluster ->
                for (value in listOf(Hidden(), HiddenException())) {
                    val outcome = Outcome.of { if (value is Exception) throw value else value }
                    val renamed = String(outcome, ISO_8859_1).replace("Hidden", "Missed").toByteArray(ISO_8859_1)
                    val failure = shouldThrow<WorkFailedException> { Outcome.resultOf(renamed, cluster.localMember, null) }
                    failure.member shouldBe cluster.localMember
                    failure.message shouldContain "cannot be read here: java.lang.ClassNotFoundException: dev.simul.cluster.Missed"
                    (failure.cause is ClassNotFoundException) shouldBe true
                }
            }
        }

        test("a cluster refuses a task of another loop, and says what to do") {
            alone { cluster ->
                val topic = cluster.reliableTopic<Int>("not shared")
                val there = ArrayList<Throwable?>()
                toThread {
                    runLoop {
                        there += runCatching { cluster.runInExecutor { 1 } }.exceptionOrNull()
                        there += runCatching { cluster.runOnMember(cluster.localMember) { 1 } }.exceptionOrNull()
                        there += runCatching { cluster.runOnAll { 1 } }.exceptionOrNull()
                        there += runCatching { cluster.topic<Int>("not shared") }.exceptionOrNull()
                        there += runCatching { cluster.membershipChanges() }.exceptionOrNull()
                        there += runCatching { topic.publish(1) }.exceptionOrNull()
                        there += runCatching { topic.messages() }.exceptionOrNull()
                    }
                }
                there shouldHaveSize 7
                there.forEach {
                    (it is IllegalStateException) shouldBe true
                    it!!.message shouldContain "belongs to another loop: start a member in each loop, or run this in its own by"
                }
            }
        }

        test("a call that waits for its turn when the cluster closes is not sent") {
            alone(maxPending = 1) { cluster ->
                val first = createTask { runCatching { cluster.runInExecutor { Thread.sleep(60_000) } } }
                val second = createTask { runCatching { cluster.runInExecutor { Seen.count("sent late").incrementAndGet() } } }
                sleep(200.milliseconds)
                cluster.aclose()
                for (call in listOf(first, second)) (call.await().exceptionOrNull() is IllegalStateException) shouldBe true
                Seen.count("sent late").get() shouldBe 0
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
