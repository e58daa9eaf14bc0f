// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import dev.simul.testing.CancelOptions
import dev.simul.testing.Deadlock
import dev.simul.testing.checkCancelSafe
import dev.simul.testing.runTest
import dev.simul.wrapFuture
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import io.kotest.matchers.types.shouldBeSameInstanceAs
import io.netty.channel.Channel
import io.netty.util.concurrent.DefaultEventExecutor
import io.netty.util.concurrent.DefaultPromise
import io.netty.util.concurrent.Promise
import java.util.concurrent.Callable
import java.util.concurrent.TimeUnit.MILLISECONDS
import java.util.concurrent.TimeUnit.SECONDS
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import java.util.concurrent.Future as JavaFuture

class AwaitTest :
    FunSpec({
        test("a future that is done is awaited without a turn") {
            runTest {
                val group = eventLoopGroup().next()
                var turned = false
                getRunningLoop().callSoon { turned = true }
                await(group.newSucceededFuture(1)) shouldBe 1
                await(group.newPromise<Int>().setSuccess(2)) shouldBe 2
                shouldThrow<IllegalStateException> { await(group.newFailedFuture<Int>(IllegalStateException("broken"))) }
                turned shouldBe false
            }
        }

        test("it waits for the result or the failure, which is thrown itself") {
            runTest {
                val group = eventLoopGroup().next()
                val result = group.newPromise<String>()
                val failure = group.newPromise<String>()
                val broken = IllegalStateException("broken")
                group.schedule({ result.setSuccess("done") }, 1, SECONDS)
                group.schedule({ failure.setFailure(broken) }, 2, SECONDS)
                await(result) shouldBe "done"
                getRunningLoop().time() shouldBe 1.seconds
                shouldThrow<IllegalStateException> { await(failure) } shouldBeSameInstanceAs broken
            }
        }

        test("several tasks may await one future") {
            runTest {
                val promise = eventLoopGroup().next().newPromise<Int>()
                val tasks = List(3) { createTask { await(promise) } }
                sleep(1.seconds)
                promise.setSuccess(1)
                tasks.map { it.await() } shouldBe listOf(1, 1, 1)
            }
        }

        test("a future that is cancelled cancels the await, and the other way round") {
            runTest {
                val group = eventLoopGroup().next()
                val first = group.newPromise<Int>()
                val waiting = createTask { await(first) }
                sleep(Duration.ZERO)
                first.cancel(false)
                shouldThrow<CancelledException> { waiting.await() }
                val second = group.newPromise<Int>()
                val other = createTask { await(second) }
                sleep(Duration.ZERO)
                other.cancel()
                shouldThrow<CancelledException> { other.await() }
                second.isCancelled shouldBe true
            }
        }

        test("a future that cannot be cancelled goes on, and its failure is nobody's") {
            runTest {
                val reports = getRunningLoop().recordReports()
                val promise = eventLoopGroup().next().newPromise<Int>()
                promise.setUncancellable()
                val waiting = createTask { await(promise) }
                sleep(Duration.ZERO)
                waiting.cancel()
                shouldThrow<CancelledException> { waiting.await() }
                promise.isDone shouldBe false
                promise.setFailure(IllegalStateException("broken"))
                sleep(1.seconds)
                reports.shouldBeEmpty()
            }
        }

        test("a future of the loop that is never done is a deadlock on virtual time") {
            val deadlock =
                shouldThrow<Deadlock> { runTest { await(eventLoopGroup().next().newPromise<Int>()) } }
            deadlock.message shouldContain "LoopPromise"
        }

        test("a future that another thread completes") {
            val others = DefaultEventExecutor()
            onLoop {
                await(others.submit(Callable { 1 })) shouldBe 1
                await(others.schedule(Callable { 2 }, 1, MILLISECONDS)) shouldBe 2
                shouldThrow<IllegalStateException> { await(others.submit(Callable<Int> { error("broken") })) }.message shouldBe "broken"
                val never: Promise<Int> = DefaultPromise(others)
                val waiting = createTask { await(never) }
                sleep(Duration.ZERO)
                waiting.cancel()
                shouldThrow<CancelledException> { waiting.await() }
                never.isCancelled shouldBe true
            }
            runTest { await(others.submit(Callable { 1 })) shouldBe 1 }
            others.shutdownGracefully(0, 1, SECONDS).sync()
        }

        test("wrapFuture follows Netty's futures without a thread") {
            runTest {
                val timer = eventLoopGroup().schedule(Callable { "an hour" }, 3600, SECONDS)
                val wrapped = wrapFuture(timer as JavaFuture<String>)
                // A thread would have to block on it.
                Thread.getAllStackTraces().values.none { frames -> frames.any { it.methodName == "followBlocking" } } shouldBe true
                wrapped.await() shouldBe "an hour"
                getRunningLoop().time() shouldBe 3600.seconds
            }
        }

        test("a connection, its words and its end are cancelled in each turn, and leave nothing") {
            checkCancelSafe<Channel>(
                setUp = { serve { listOf(Echo()) } },
                check = { await(it.close()) },
                options = CancelOptions(virtualTime = false),
            ) { server ->
                val recorder = Recorder()
                val connecting = client { listOf(recorder) }.connect(server.localAddress())
                try {
                    await(connecting)
                    await(connecting.channel().writeAndFlush(bytes("hello")))
                    until { recorder.byteCount == 5L }
                } finally {
                    connecting.channel().close()
                }
            }
        }

        test("a wait for a timer is cancelled in each turn, and leaves nothing") {
            checkCancelSafe { await(eventLoopGroup().schedule(Callable { 1 }, 1, SECONDS)) shouldBe 1 }
        }
    })
