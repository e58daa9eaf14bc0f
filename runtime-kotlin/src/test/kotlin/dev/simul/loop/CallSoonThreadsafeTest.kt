// SPDX-License-Identifier: Apache-2.0
package dev.simul.loop

import dev.simul.context.Context
import dev.simul.context.ContextVar
import dev.simul.testing.VirtualClock
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.SynchronousQueue
import java.util.concurrent.locks.LockSupport
import kotlin.concurrent.thread

/** Waits until this thread blocks on a monitor, or has ended. */
private fun Thread.awaitBlocked() {
    while (state != Thread.State.BLOCKED && state != Thread.State.TERMINATED) Thread.onSpinWait()
}

class CallSoonThreadsafeTest :
    FunSpec({
        val events = CopyOnWriteArrayList<String>()
        beforeTest { events.clear() }

        fun withLoop(block: (EventLoop) -> Unit) = EventLoop().use(block)

        test("what another thread hands in runs before what is scheduled after that") {
            withLoop { loop ->
                thread { loop.callSoonThreadsafe { events += "hello" } }.join()
                loop.callSoon {
                    events += "world"
                    loop.stop()
                }
                loop.runForever()
                events shouldContainExactly listOf("hello", "world")
            }
        }

        test("the order is kept in one thread as well, and while the loop runs") {
            withLoop { loop ->
                loop.callSoonThreadsafe { events += "1" }
                loop.callSoon {
                    events += "2"
                    thread { loop.callSoonThreadsafe { events += "3" } }.join()
                    loop.callSoon { events += "4" }
                    loop.callSoonThreadsafe { events += "5" }
                    loop.callSoon {
                        events += "6"
                        loop.stop()
                    }
                }
                loop.runForever()
                events shouldContainExactly listOf("1", "2", "3", "4", "5", "6")
            }
        }

        test("cancel waits while the callback runs") {
            withLoop { loop ->
                lateinit var canceller: Thread
                val made = CompletableFuture<Handle>()
                val begun = CountDownLatch(1)
                canceller =
                    thread(start = false) {
                        begun.await()
                        made.get().cancel()
                        events += "cancel returned"
                        loop.callSoonThreadsafe { loop.stop() }
                    }
                made.complete(
                    loop.callSoonThreadsafe {
                        begun.countDown()
                        canceller.awaitBlocked()
                        events += "callback ends"
                    },
                )
                canceller.start()
                loop.runForever()
                canceller.join()
                events shouldContainExactly listOf("callback ends", "cancel returned")
            }
        }

        test("asking whether it was cancelled waits while the callback runs") {
            withLoop { loop ->
                lateinit var asker: Thread
                val made = CompletableFuture<Handle>()
                val begun = CountDownLatch(1)
                asker =
                    thread(start = false) {
                        begun.await()
                        events += "cancelled: ${made.get().cancelled()}"
                        loop.callSoonThreadsafe { loop.stop() }
                    }
                made.complete(
                    loop.callSoonThreadsafe {
                        begun.countDown()
                        asker.awaitBlocked()
                        events += "callback ends"
                    },
                )
                asker.start()
                loop.runForever()
                asker.join()
                events shouldContainExactly listOf("callback ends", "cancelled: false")
            }
        }

        test("a callback may cancel itself, which changes nothing") {
            withLoop { loop ->
                lateinit var handle: Handle
                handle =
                    loop.callSoonThreadsafe {
                        handle.cancel()
                        events += "goes on"
                        loop.stop()
                    }
                loop.runForever()
                handle.cancelled() shouldBe true
                events shouldContainExactly listOf("goes on")
            }
        }

        test("a callback that another thread cancels before its start is not called") {
            withLoop { loop ->
                val cancelled = CountDownLatch(1)
                loop.callSoon { cancelled.await() }
                val other =
                    thread {
                        val handle = loop.callSoonThreadsafe { events += "never" }
                        handle.cancel()
                        events += "${handle.cancelled()}"
                        loop.callSoonThreadsafe { loop.stop() }
                        cancelled.countDown()
                    }
                loop.runForever()
                other.join()
                events shouldContainExactly listOf("true")
            }
        }

        test("ten thousand calls of eight threads: nothing is lost, and each thread's order kept") {
            withLoop { loop ->
                val threads = 8
                val each = 1250
                val seen = Array(threads) { ArrayList<Int>() }
                var left = threads * each
                val start = CyclicBarrier(threads)
                val callers =
                    (0 until threads).map { number ->
                        thread {
                            start.await()
                            for (i in 0 until each) {
                                loop.callSoonThreadsafe {
                                    seen[number] += i
                                    if (--left == 0) loop.stop()
                                }
                            }
                        }
                    }
                loop.runForever()
                callers.forEach { it.join() }
                for (order in seen) order shouldBe (0 until each).toList()
            }
        }

        test("an idle loop wakes up, every time") {
            withLoop { loop ->
                val answers = SynchronousQueue<Int>()
                val runner = thread { loop.runForever() }
                for (i in 1..5_000) {
                    loop.callSoonThreadsafe { answers.put(i) }
                    answers.take() shouldBe i
                }
                loop.callSoonThreadsafe { loop.stop() }
                runner.join()
            }
        }

        test("the callback runs with a copy of the caller's context, or in the one given") {
            withLoop { loop ->
                val variable = ContextVar("variable", "default")
                val given = Context()
                given.run { variable.set("given") }
                thread {
                    variable.set("caller's")
                    loop.callSoonThreadsafe { events += variable.get() }
                    loop.callSoonThreadsafe(given) { events += variable.get() }
                    variable.set("later")
                    loop.callSoonThreadsafe { loop.stop() }
                }.join()
                loop.runForever()
                events shouldContainExactly listOf("caller's", "given")
            }
        }

        test("calls while the loop closes are either taken or refused") {
            val loop = VirtualClock().newLoop()
            val outcome = CompletableFuture<Throwable>()
            val begun = CountDownLatch(1000)
            val caller =
                thread {
                    try {
                        while (true) {
                            loop.callSoonThreadsafe { events += "never" }
                            begun.countDown()
                            LockSupport.parkNanos(1) // The memory must not fill while the other thread is held up.
                        }
                    } catch (e: Throwable) {
                        outcome.complete(e)
                    }
                }
            begun.await()
            loop.close()
            caller.join()
            shouldThrow<IllegalStateException> { throw outcome.get() }.message shouldBe "Event loop is closed"
            events.shouldBeEmpty()
        }
    })
