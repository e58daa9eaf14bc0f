// SPDX-License-Identifier: Apache-2.0
package dev.simul.cluster

import com.hazelcast.instance.impl.HazelcastInstanceImpl
import com.hazelcast.instance.impl.HazelcastInstanceProxy
import com.hazelcast.topic.impl.TopicService
import dev.simul.aclosing
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.exceptions.StopAsyncIteration
import dev.simul.gather
import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlin.time.Duration.Companion.milliseconds

data class Price(
    val article: String,
    val cents: Int,
)

class TopicsTest :
    FunSpec({
        for (kind in listOf("topic", "reliableTopic")) {
            suspend fun Cluster.topicOf(name: String): Topic<String> = if (kind == "topic") topic(name) else reliableTopic(name)

            test("$kind: messages of one member reach another one in order") {
                inPair { one, two ->
                    val listener = createTask { aclosing(two.topicOf("news").messages()) { it.take(100).toList() } }
                    sleep(500.milliseconds)
                    val topic = one.topicOf("news")
                    topic.name shouldBe "news"
                    repeat(100) { topic.publish("$it") }
                    listener.await() shouldContainExactly List(100) { "$it" }
                }
            }

            test("$kind: from the return of messages() on, nothing is missed, and nothing before it is told") {
                alone { cluster ->
                    val topic = cluster.topicOf("now")
                    topic.publish("before")
                    aclosing(topic.messages()) { messages ->
                        topic.publish("after")
                        messages.anext() shouldBe "after"
                    }
                }
            }

            test("$kind: a cancelled wait closes the generator") {
                alone { cluster ->
                    val messages = cluster.topicOf("quiet").messages()
                    val waiting = createTask { messages.anext() }
                    sleep(50.milliseconds)
                    waiting.cancel()
                    shouldThrow<CancelledException> { waiting.await() }
                    shouldThrow<StopAsyncIteration> { messages.anext() }
                }
            }

            test("$kind: a buffer must be positive, and a closed cluster publishes nothing") {
                alone { cluster ->
                    val topic = cluster.topicOf("wrong")
                    shouldThrow<IllegalArgumentException> { topic.messages(0) }.message shouldBe "buffer is 0: it must be positive"
                    cluster.aclose()
                    shouldThrow<IllegalStateException> { topic.publish("late") }
                    shouldThrow<IllegalStateException> { topic.messages() }
                }
            }
        }

        test("a reader of a topic that is too slow gets what its buffer holds, and then the number of those lost") {
            alone { cluster ->
                val topic = cluster.topic<Int>("flood")
                aclosing(topic.messages(buffer = 10)) { messages ->
                    aclosing(topic.messages()) { fast ->
                        repeat(50) { topic.publish(it) }
                        fast.take(50).toList() shouldContainExactly List(50) { it }
                    }
                    List(10) { messages.anext() } shouldContainExactly List(10) { it }
                    val failure = shouldThrow<MessagesLostException> { messages.anext() }
                    failure.count shouldBe 40
                    failure.message shouldContain "buffer of 10"
                }
            }
        }

        test("a reader of a reliable topic is slow at its own pace, until more is sent than is kept") {
            alone { cluster ->
                val topic = cluster.reliableTopic<Int>("kept")
                aclosing(topic.messages(buffer = 2)) { messages ->
                    repeat(500) { topic.publish(it) }
                    List(500) { messages.anext() } shouldContainExactly List(500) { it }
                    repeat(10_100) { topic.publish(it) }
                    shouldThrow<MessagesLostException> { messages.anext() }.count shouldBe 100
                }
            }
        }

        test("a reader of a reliable topic whose members have lost it is told so at the next message, and a new one reads that on") {
            alone { cluster ->
                val topic = cluster.reliableTopic<Int>("lost")
                aclosing(topic.messages()) { messages ->
                    repeat(5) { topic.publish(it) }
                    List(5) { messages.anext() } shouldContainExactly List(5) { it }
                    toThread { cluster.hazelcast.getRingbuffer<Int>("lost").destroy() }
                    val anew = cluster.reliableTopic<Int>("lost")
                    aclosing(anew.messages()) { others ->
                        anew.publish(6)
                        others.anext() shouldBe 6
                    }
                    val next = createTask { runCatching { messages.anext() } }
                    while (!next.done()) anew.publish(7)
                    val failure = next.await().exceptionOrNull() as MessagesLostException
                    failure.count shouldBe -1
                    failure.message shouldContain "reliable topic lost are gone"
                }
            }
        }

        test("messages of a topic arrive in the order in which tasks began to publish them") {
            alone { cluster ->
                val topic = cluster.topic<Int>("ordered")
                aclosing(topic.messages()) { messages ->
                    gather(*(0 until 200).map { createTask { topic.publish(it) } }.toTypedArray()).await()
                    messages.take(200).toList() shouldContainExactly List(200) { it }
                }
            }
        }

        test("the listener goes with the generator, however that ends") {
            alone { cluster ->
                val topic = cluster.topic<String>("listened")
                val messages = topic.messages()
                cluster.listenersOf("listened") shouldBe 1
                messages.aclose()
                cluster.listenersOf("listened") shouldBe 0
                val reading = createTask { topic.messages().toList() }
                until { cluster.listenersOf("listened") == 1 }
                reading.cancel()
                shouldThrow<CancelledException> { reading.await() }
                until { cluster.listenersOf("listened") == 0 }
            }
        }

        test("records and data classes need no more to be sent") {
            inPair { one, two ->
                aclosing(two.topic<Price>("prices").messages()) { prices ->
                    one.topic<Price>("prices").publish(Price("tea", 250))
                    prices.anext() shouldBe Price("tea", 250)
                }
            }
        }

        for ((how, close) in ends) {
            test("the generators of a cluster end when $how") {
                alone { cluster ->
                    val ends = createTask { aclosing(cluster.topic<String>("ended").messages()) { it.toList() } }
                    val kept = createTask { aclosing(cluster.reliableTopic<String>("ended, too").messages()) { it.toList() } }
                    val changes = createTask { aclosing(cluster.membershipChanges()) { it.toList() } }
                    sleep(200.milliseconds)
                    close(cluster)
                    ends.await() shouldBe emptyList()
                    kept.await() shouldBe emptyList()
                    changes.await() shouldBe emptyList()
                    cluster.aclose()
                }
            }
        }

        test("a generator that is made in the turn in which its cluster closes ends, or is never made") {
            alone { cluster ->
                val topic = cluster.topic<String>("late")
                val late = createTask { runCatching { aclosing(topic.messages()) { it.toList() } } }
                val closing = createTask { cluster.aclose() }
                late.await().onSuccess { it shouldBe emptyList() }.onFailure { (it is IllegalStateException) shouldBe true }
                closing.await()
            }
        }

        test("joins and leaves are told in their order") {
            onLoop {
                val test = TestCluster()
                aclosing(test.join("one")) { one ->
                    aclosing(one.membershipChanges()) { changes ->
                        val two = test.join("two")
                        val member = two.localMember
                        changes.anext().toString() shouldBe "$member has joined"
                        one.members.map { it.name } shouldContainExactly listOf("one", "two")
                        two.aclose()
                        changes.anext().let { it.kind to it.member } shouldBe (MembershipChange.Kind.LEFT to member)
                    }
                }
            }
        }
    })

private val ends: List<Pair<String, suspend (Cluster) -> Unit>> =
    listOf(
        "it is closed" to { it.aclose() },
        "Hazelcast stops by itself" to { cluster -> toThread { cluster.hazelcast.lifecycleService.terminate() } },
    )

/** How many listeners Hazelcast has for that topic. */
private fun Cluster.listenersOf(topic: String): Int =
    ((hazelcast as HazelcastInstanceProxy).original as HazelcastInstanceImpl)
        .node.nodeEngine.eventService
        .getRegistrations(TopicService.SERVICE_NAME, topic)
        .size
