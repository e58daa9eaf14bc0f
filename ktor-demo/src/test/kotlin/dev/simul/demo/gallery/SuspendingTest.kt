// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.yield
import java.io.IOException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ExecutionException
import java.util.concurrent.TimeUnit.SECONDS

class SuspendingTest :
    FunSpec({
        test("what a suspend function returns is the future's result") {
            Suspending.future { 1 }.get(60, SECONDS) shouldBe 1
            Suspending
                .future {
                    yield()
                    2
                }.get(60, SECONDS) shouldBe 2
        }

        test("what it throws fails the future") {
            val failed = Suspending.future<Unit> { throw IOException("no route") }
            shouldThrow<ExecutionException> { failed.get(60, SECONDS) }.cause!!.message shouldBe "no route"
        }

        test("cancelling the future cancels it") {
            val started = CompletableFuture<Unit>()
            val ended = CompletableDeferred<Unit>()
            val endless =
                Suspending.future<Unit> {
                    try {
                        started.complete(Unit)
                        awaitCancellation()
                    } finally {
                        ended.complete(Unit)
                    }
                }
            started.get(60, SECONDS)
            endless.cancel(true)
            ended.await()
        }
    })
