// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.loop.getRunningLoop
import dev.simul.loopTest
import dev.simul.sleep
import dev.simul.testing.runTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.flow.toList
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription
import kotlin.time.Duration.Companion.seconds

class FlowPublisherTest :
    FunSpec({
        test("a subscriber gets as many values as it asks for, and each is computed only then") {
            val events = mutableListOf<String>()
            runTest {
                lateinit var subscription: Subscription
                val numbers =
                    flow {
                        for (i in 1..3) {
                            events += "makes $i"
                            emit(i)
                        }
                    }
                numbers.toPublisher().subscribe(
                    object : Subscriber<Int> {
                        override fun onSubscribe(given: Subscription) {
                            subscription = given
                        }

                        override fun onNext(item: Int) {
                            events += "next $item"
                        }

                        override fun onError(throwable: Throwable) {
                            events += "error $throwable"
                        }

                        override fun onComplete() {
                            events += "complete"
                        }
                    },
                )
                for (n in listOf(1L, 1L, 2L)) {
                    events += "asks for $n"
                    subscription.request(n)
                    sleep(1.seconds)
                }
            }
            events shouldContainExactly
                listOf(
                    "asks for 1",
                    "makes 1",
                    "next 1",
                    "asks for 1",
                    "makes 2",
                    "next 2",
                    "asks for 2",
                    "makes 3",
                    "next 3",
                    "complete",
                )
        }

        loopTest("a flow and a generator go through publishers and back") {
            flowOf(1, 2, 3).toPublisher().toAsyncGenerator(prefetch = 1).toList() shouldBe listOf(1, 2, 3)
            val generator =
                asyncGenerator<Int> {
                    for (i in 1..3) {
                        sleep(1.seconds)
                        yield(i)
                    }
                }
            generator.toPublisher().toAsyncGenerator().toList() shouldBe listOf(1, 2, 3)
            getRunningLoop().time() shouldBe 3.seconds
        }

        test("a publisher belongs to a loop") {
            shouldThrow<IllegalStateException> { flowOf(1).toPublisher() }
        }
    })
