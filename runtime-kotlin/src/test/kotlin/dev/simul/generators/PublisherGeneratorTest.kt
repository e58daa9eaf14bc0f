// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.resultOfTest
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import java.util.concurrent.Flow.Publisher
import java.util.concurrent.SubmissionPublisher
import kotlin.concurrent.thread

class PublisherGeneratorTest :
    FunSpec({
        test("items of another thread come one by one, in order") {
            val publisher = SubmissionPublisher<Int>()
            val numbers = (1..500).toList()
            val producer =
                thread {
                    while (!publisher.hasSubscribers()) Thread.onSpinWait()
                    numbers.forEach(publisher::submit)
                    publisher.close()
                }
            resultOfTest { publisher.toAsyncGenerator(prefetch = 2).toList() } shouldBe numbers
            producer.join()
        }

        test("who has enough cancels the subscription") {
            SubmissionPublisher<Int>().use { publisher ->
                val producer =
                    thread {
                        while (!publisher.hasSubscribers()) Thread.onSpinWait()
                        var i = 0
                        while (publisher.hasSubscribers()) publisher.offer(++i, null)
                    }
                resultOfTest { publisher.toAsyncGenerator().take(3).toList() } shouldBe listOf(1, 2, 3)
                producer.join()
            }
        }

        test("a prefetch must be positive") {
            shouldThrow<IllegalArgumentException> { Publisher<Int> { }.toAsyncGenerator(prefetch = 0) }
        }
    })
