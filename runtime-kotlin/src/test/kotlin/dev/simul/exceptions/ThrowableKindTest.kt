// SPDX-License-Identifier: Apache-2.0
package dev.simul.exceptions

import dev.simul.loop.FatalError
import dev.simul.loop.isFatal
import dev.simul.value
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import io.kotest.matchers.types.shouldBeSameInstanceAs
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.TimeoutCancellationException
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import java.io.IOException
import java.util.concurrent.CancellationException

class ThrowableKindTest :
    FunSpec({
        test("failures are ordinary, whether the JVM calls them exceptions or errors") {
            for (failure in listOf(Exception(), IOException(), AssertionError(), StackOverflowError(), Throwable())) {
                failure.isOrdinary shouldBe true
                failure.isFatal shouldBe false
                failure.isCancellation shouldBe false
            }
            StopIteration().isOrdinary shouldBe true
            StopAsyncIteration().isOrdinary shouldBe true
            TimeoutException().isOrdinary shouldBe true
            InvalidStateException("pending").isOrdinary shouldBe true
        }

        test("cancellations of every origin are not ordinary") {
            for (cancellation in listOf(CancelledException(), CancellationException())) {
                cancellation.isOrdinary shouldBe false
                cancellation.isCancellation shouldBe true
                cancellation.isFatal shouldBe false
            }
        }

        test("an expired timeout of kotlinx is a failure, not a cancellation") {
            val expired =
                runCatching {
                    runBlocking {
                        withTimeout(
                            1,
                        ) { CompletableDeferred<Unit>().await() }
                    }
                }.exceptionOrNull()!!
            expired.shouldBeInstanceOf<TimeoutCancellationException>()
            expired.isCancellation shouldBe false
            expired.isOrdinary shouldBe true
        }

        test("what should end the program is fatal and not ordinary") {
            for (fatal in listOf(
                FatalError(),
                KeyboardInterrupt(),
                SystemExit(3),
                OutOfMemoryError(),
                InternalError(),
            )) {
                fatal.isFatal shouldBe true
                fatal.isOrdinary shouldBe false
                fatal.isCancellation shouldBe false
            }
            SystemExit(3).code shouldBe 3
        }

        test("the exit of a generator is neither ordinary nor fatal nor a cancellation") {
            GeneratorExit().isOrdinary shouldBe false
            GeneratorExit().isFatal shouldBe false
            GeneratorExit().isCancellation shouldBe false
        }

        test("a group is ordinary if it can hold only ordinary failures") {
            BaseExceptionGroup.of("group", listOf(IOException())).isOrdinary shouldBe true
            BaseExceptionGroup.of("group", listOf(IOException(), CancelledException())).isOrdinary shouldBe false
        }

        test("a cancellation keeps its message and has no stack trace") {
            CancelledException().message shouldBe null
            CancelledException("enough").message shouldBe "enough"
            CancelledException().stackTrace.toList().shouldBeEmpty()
        }

        test("kotlinx hands on the very cancellation it was given") {
            val cancellation = CancelledException("mine")
            val caught =
                runCatching {
                    runBlocking {
                        CompletableDeferred<Unit>().apply { completeExceptionally(cancellation) }.await()
                    }
                }
            caught.exceptionOrNull() shouldBeSameInstanceAs cancellation
        }

        test("the end of an iteration carries the value that was returned, and no stack trace") {
            StopIteration().value shouldBe null
            StopIteration().message shouldBe null
            StopIteration("spam").value shouldBe "spam"
            StopIteration("spam").message shouldBe "spam"
            StopIteration("spam").stackTrace.toList().shouldBeEmpty()
        }
    })
