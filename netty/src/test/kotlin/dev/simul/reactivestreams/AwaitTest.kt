// SPDX-License-Identifier: Apache-2.0
package dev.simul.reactivestreams

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.aclosing
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.toList
import org.reactivestreams.Publisher
import org.reactivestreams.Subscriber
import org.reactivestreams.Subscription
import reactor.core.publisher.Flux
import reactor.core.publisher.Mono
import kotlin.concurrent.thread
import kotlin.time.Duration

class AwaitTest :
    FunSpec({
        test("the item, nothing or the failure of a publisher") {
            runTest {
                await(Mono.just(1)) shouldBe 1
                awaitSingle(Mono.just(1)) shouldBe 1
                await(Mono.empty<Int>()) shouldBe null
                shouldThrow<NoSuchElementException> { awaitSingle(Mono.empty<Int>()) }
                val broken = IllegalStateException("broken")
                shouldThrow<IllegalStateException> { await(Mono.error<Int>(broken)) } shouldBeSameInstanceAs broken
            }
        }

        test("a publisher that answers at once is awaited without a turn") {
            runTest {
                var turned = false
                getRunningLoop().callSoon { turned = true }
                await(Mono.just(1)) shouldBe 1
                turned shouldBe false
            }
        }

        test("of many items it takes the first, asks for no more and cancels the rest") {
            runTest {
                val manual = Manual<Int>()
                val waiting = createTask { await(manual) }
                sleep(Duration.ZERO)
                manual.events shouldContainExactly listOf("request 1")
                manual.subscriber.onNext(1)
                waiting.await() shouldBe 1
                manual.events shouldContainExactly listOf("request 1", "cancel")
            }
        }

        test("cancelling the task cancels the subscription, and what comes then is dropped") {
            runTest {
                val manual = Manual<Int>()
                val waiting = createTask { await(manual) }
                sleep(Duration.ZERO)
                waiting.cancel()
                shouldThrow<CancelledException> { waiting.await() }
                manual.events shouldContainExactly listOf("request 1", "cancel")
                manual.subscriber.onNext(1)
                manual.subscriber.onError(IllegalStateException("too late"))
            }
        }

        test("a publisher that subscribes only after the task was cancelled is cancelled") {
            runTest {
                val manual = Manual<Int>(isPatient = true)
                val waiting = createTask { await(manual) }
                sleep(Duration.ZERO)
                waiting.cancel()
                shouldThrow<CancelledException> { waiting.await() }
                manual.begin()
                manual.events shouldContainExactly listOf("cancel")
            }
        }

        test("a second subscription is refused, by rule 2.5") {
            runTest {
                val manual = Manual<Int>()
                val waiting = createTask { await(manual) }
                sleep(Duration.ZERO)
                manual.begin()
                manual.events shouldContainExactly listOf("request 1", "cancel")
                manual.subscriber.onNext(1)
                waiting.await() shouldBe 1
            }
        }

        test("an item of another thread") {
            runTest {
                val manual = Manual<Int>()
                val waiting = createTask { await(manual) }
                sleep(Duration.ZERO)
                val other = thread { manual.subscriber.onNext(1) }
                waiting.await() shouldBe 1
                other.join()
            }
        }

        test("a generator of the items, which is a flow as well") {
            runTest {
                Flux.range(1, 100).toAsyncGenerator().toList() shouldBe (1..100).toList()
                Flux.range(1, 3).toAsyncGenerator(prefetch = 1).map { it * it }.toList() shouldBe listOf(1, 4, 9)
                val items = ArrayList<Int>()
                val broken = IllegalStateException("broken")
                shouldThrow<IllegalStateException> {
                    for (item in Flux.concat(Flux.just(1, 2), Flux.error(broken)).toAsyncGenerator()) items += item
                } shouldBeSameInstanceAs broken
                items shouldBe listOf(1, 2)
            }
        }

        test("a generator requests no more than it may hold, and cancels when it is closed") {
            runTest {
                val manual = Manual<Int>()
                aclosing(manual.toAsyncGenerator(prefetch = 4)) { numbers ->
                    val first = createTask { numbers.anext() }
                    sleep(Duration.ZERO)
                    manual.events shouldContainExactly listOf("request 4")
                    repeat(4) { manual.subscriber.onNext(it) }
                    first.await() shouldBe 0
                    numbers.anext() shouldBe 1
                    manual.events shouldContainExactly listOf("request 4", "request 2")
                }
                manual.events shouldContainExactly listOf("request 4", "request 2", "cancel")
            }
        }

        test("items that the loop's own callbacks publish take no turn each") {
            runTest {
                var turns = 0
                val loop = getRunningLoop()

                fun count() {
                    turns++
                    loop.callSoon(callback = ::count)
                }
                count()
                Flux.range(1, 1_000).toAsyncGenerator().toList().size shouldBe 1_000
                turns shouldBe 1
            }
        }
    })

/** A publisher that does what the test says, and notes what it is asked for. */
private class Manual<T : Any>(
    private val isPatient: Boolean = false,
) : Publisher<T> {
    val events = ArrayList<String>()
    lateinit var subscriber: Subscriber<in T>

    override fun subscribe(subscriber: Subscriber<in T>) {
        this.subscriber = subscriber
        if (!isPatient) begin()
    }

    fun begin() =
        subscriber.onSubscribe(
            object : Subscription {
                override fun request(n: Long) {
                    events += "request $n"
                }

                override fun cancel() {
                    events += "cancel"
                }
            },
        )
}
