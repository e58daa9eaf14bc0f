// SPDX-License-Identifier: Apache-2.0
package dev.simul.generators

import dev.simul.exceptions.StopAsyncIteration
import dev.simul.loopTest
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlin.time.Duration.Companion.seconds

class AsyncIteratorTest :
    FunSpec({
        class UpTo(
            private val last: Int,
        ) : AsyncIterator<Int> {
            private var number = 0

            override suspend fun hasNext(): Boolean {
                sleep(1.seconds)
                return number < last
            }

            override fun next(): Int = ++number

            operator fun iterator() = this
        }

        loopTest("anext gives the items of any iterator, and stops again and again at the end") {
            val numbers = UpTo(2)
            numbers.anext() shouldBe 1
            numbers.anext() shouldBe 2
            repeat(2) { shouldThrow<StopAsyncIteration> { numbers.anext() } }
        }

        loopTest("anext gives the default instead of a stop") {
            val numbers = UpTo(2)
            List(4) { numbers.anext(0) } shouldContainExactly listOf(1, 2, 0, 0)
        }

        loopTest("anext throws what the iterator throws, with and without a default") {
            for (failure in listOf(ArithmeticException(), StopAsyncIteration("mine"))) {
                val broken =
                    object : AsyncIterator<Int> {
                        override suspend fun hasNext(): Boolean = throw failure

                        override fun next(): Int = 1
                    }
                shouldThrow<Exception> { broken.anext() } shouldBeSameInstanceAs failure
                shouldThrow<Exception> { broken.anext(1) } shouldBeSameInstanceAs failure
            }
        }

        loopTest("a for loop goes through it") {
            val numbers = mutableListOf<Int>()
            for (number in UpTo(3)) numbers += number
            numbers shouldContainExactly listOf(1, 2, 3)
        }

        loopTest("next of a generator's iterator wants to be asked first") {
            val iterator = asyncGenerator<Int> { yield(1) }.iterator()
            shouldThrow<NoSuchElementException> { iterator.next() }
            iterator.hasNext() shouldBe true
            iterator.next() shouldBe 1
            shouldThrow<NoSuchElementException> { iterator.next() }
            iterator.hasNext() shouldBe false
            shouldThrow<NoSuchElementException> { iterator.next() }
        }
    })
