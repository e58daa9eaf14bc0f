// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.docs

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.facade.Asyncio
import dev.simul.gatherResults
import dev.simul.loop.ExceptionContext
import dev.simul.netty.onLoop
import dev.simul.netty.recordReports
import dev.simul.netty.vertx.await
import dev.simul.netty.vertx.vertx
import dev.simul.reactivestreams.awaitSingle
import dev.simul.runCoroutineThreadsafe
import dev.simul.sleep
import dev.simul.testing.runTest
import dev.simul.toCompletableFuture
import dev.simul.wrapFuture
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.vertx.core.Vertx
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.future.await
import kotlinx.coroutines.withContext
import reactor.core.publisher.Mono
import java.io.IOException
import java.time.Duration.ofMillis
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import kotlin.time.Duration
import kotlin.time.Duration.Companion.hours
import kotlin.time.Duration.Companion.milliseconds
import io.vertx.core.Future as VertxFuture

/** What the guides for those who come from elsewhere say of both systems in one program. */
class ElsewhereRulesTest :
    FunSpec({
        test("a Mono that times out cancels the task that it waits for") {
            onLoop {
                val ours = createTask { sleep(1.hours) }
                val theirs = Mono.fromFuture(ours.toCompletableFuture()).timeout(ofMillis(20))
                shouldThrow<TimeoutException> { awaitSingle(theirs) }
                gatherResults(ours).await()
                ours.cancelled() shouldBe true
            }
        }

        test("a cancelled task cancels its subscription to a Mono") {
            onLoop {
                var isCancelled = false
                val task = createTask { awaitSingle(Mono.never<String>().doOnCancel { isCancelled = true }) }
                sleep(10.milliseconds)
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                isCancelled shouldBe true
            }
        }

        test("a Mono for a controller gives what a loop in the background returns") {
            Asyncio.open().use { loop ->
                Mono.fromFuture { loop.submit<String> { Asyncio.await(Asyncio.sleep(ofMillis(10), "hello")) } }.block() shouldBe "hello"
            }
        }

        test("a cancelled wait for a future of Vert.x leaves what it stands for") {
            runTest {
                val timer = vertx().timer(50, TimeUnit.MILLISECONDS)
                val task = createTask { await(timer) }
                sleep(10.milliseconds)
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                timer.isComplete shouldBe false
                await(timer)
                timer.succeeded() shouldBe true
            }
        }

        test("a future of Vert.x gives what a loop in the background returns") {
            val vertx = Vertx.vertx()
            try {
                Asyncio.open().use { loop ->
                    val ours = loop.submit<String> { Asyncio.await(Asyncio.sleep(ofMillis(10), "hello")) }
                    val theirs = VertxFuture.fromCompletionStage(ours, vertx.getOrCreateContext())
                    theirs.toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES) shouldBe "hello"
                }
            } finally {
                vertx.close().toCompletionStage().toCompletableFuture().get(1, TimeUnit.MINUTES)
            }
        }

        test("a task that waits for a CompletableFuture gets its exception without a wrapper, and cancels it") {
            onLoop {
                val failing = CompletableFuture.supplyAsync<Int> { throw IllegalStateException("no") }
                shouldThrow<IllegalStateException> { wrapFuture(failing).await() }.message shouldBe "no"
                val never = CompletableFuture<Int>()
                val task = createTask { wrapFuture(never).await() }
                sleep(10.milliseconds)
                task.cancel()
                gatherResults(task).await()
                never.isCancelled shouldBe true
            }
        }

        test("a coroutine in another thread awaits a task by runCoroutineThreadsafe") {
            onLoop {
                val loop = this
                val answer =
                    withContext(Dispatchers.Default) {
                        runCoroutineThreadsafe(loop) {
                            sleep(10.milliseconds)
                            "hello"
                        }.await()
                    }
                answer shouldBe "hello"
            }
        }

        test("a failure that nobody awaits is reported when the loop closes") {
            var heard = emptyList<ExceptionContext>()
            onLoop {
                heard = recordReports()
                createTask { throw IOException("nobody awaits this") }
                sleep(Duration.ZERO)
            }
            heard.map { it.exception?.message } shouldContainExactly listOf("nobody awaits this")
        }
    })
