// SPDX-License-Identifier: Apache-2.0
package dev.simul.simulation

import dev.simul.createTask
import dev.simul.house.Soak
import dev.simul.loop.addReader
import dev.simul.loop.getRunningLoop
import dev.simul.loop.getRunningLoopOrNull
import dev.simul.process.createSubprocessExec
import dev.simul.runInExecutor
import dev.simul.shutdownDefaultExecutor
import dev.simul.sleep
import dev.simul.toThread
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import java.nio.channels.SocketChannel
import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executors
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds

class ThreadsTest :
    FunSpec({
        test("the work of toThread is done in order, outside of the loop, and takes no time") {
            val seen = ArrayList<String>()
            simulate(1) {
                val tasks =
                    List(3) { number ->
                        createTask {
                            seen += "asks $number"
                            val value =
                                toThread {
                                    getRunningLoopOrNull().shouldBeNull()
                                    seen += "works $number"
                                    number
                                }
                            seen += "has $value"
                        }
                    }
                tasks.forEach { it.await() }
                seen += "all at $now"
            }
            seen shouldContainExactly
                listOf("asks 0", "asks 1", "asks 2", "works 0", "works 1", "works 2", "has 0", "has 1", "has 2", "all at 0s")
        }

        test("the failure of a thread's work is that of the call") {
            simulate(1) { shouldThrow<IllegalStateException> { toThread { error("broken") } }.message shouldBe "broken" }
        }

        test("work that is cancelled before its turn is not done") {
            var ran = false
            simulate(1) {
                getRunningLoop().runInExecutor { ran = true }.cancel()
                sleep(1.seconds)
            }
            ran shouldBe false
        }

        test("the default executor can be shut down, once its work is done") {
            simulate(1) {
                val work = getRunningLoop().runInExecutor { "done" }
                getRunningLoop().shutdownDefaultExecutor()
                work.await() shouldBe "done"
                shouldThrow<IllegalStateException> { toThread { } }
                now shouldBe 0.seconds
            }
        }

        test("to wait for the default executor takes no thread") {
            simulate(1) {
                val before = Thread.getAllStackTraces().keys
                val threads = getRunningLoop().runInExecutor { Thread.getAllStackTraces().keys - before }
                getRunningLoop().shutdownDefaultExecutor()
                threads.await().map { it.name }.filter { "executor" in it }.shouldBeEmpty()
            }
        }

        test("a paused host waits for its default executor until it goes on") {
            val seen = ArrayList<String>()
            simulate(1) {
                lateinit var host: Host
                host =
                    host("a") {
                        getRunningLoop().runInExecutor { seen += "works at $now" }
                        host.pause(5.seconds)
                        getRunningLoop().shutdownDefaultExecutor()
                        seen += "is shut down at $now"
                    }
                host.join()
            }
            seen shouldContainExactly listOf("works at 5s", "is shut down at 5s")
        }

        test("a crash while a host waits for its default executor ends the wait for good") {
            val seen = ArrayList<String>()
            simulate(1) {
                lateinit var host: Host
                host =
                    host("a") {
                        getRunningLoop().runInExecutor { host.crash() }
                        getRunningLoop().shutdownDefaultExecutor()
                        seen += "is shut down"
                    }
                sleep(1.seconds)
                host.isRunning shouldBe false
            }
            seen.shouldBeEmpty()
        }

        test("a program's own threads are waited for in real time, while the virtual time stands still") {
            val executor = Executors.newSingleThreadExecutor()
            try {
                simulate(1) {
                    createTask { sleep(10.seconds) }
                    val name =
                        getRunningLoop()
                            .runInExecutor(executor) {
                                Thread.sleep(20)
                                Thread.currentThread().name
                            }.await()
                    name shouldContain "pool"
                    now shouldBe 0.seconds
                    withContext(Dispatchers.Default) { Thread.sleep(20) }
                }
            } finally {
                executor.shutdownNow()
            }
        }

        test("coroutines of several hosts in kotlinx's threads hand in their results in an order that does not depend on these") {
            replayCheck<Compute>(seeds = Soak.of(1_000))
        }

        test("time does not stand still for a coroutine in a thread that waits for it") {
            simulate(1) {
                val signal = CompletableDeferred<Unit>()
                createTask {
                    sleep(3.seconds)
                    signal.complete(Unit)
                }
                withContext(Dispatchers.IO) { signal.await() }
                now shouldBe 3.seconds
            }
        }

        test("a child process is refused, with the line that asked") {
            simulate(1) {
                val failure = shouldThrow<UnsupportedOperationException> { createSubprocessExec("true") }
                failure.message shouldContain "a child process cannot be part of a simulation, asked for at $HERE"
                failure.message shouldContain "(ThreadsTest.kt:"
            }
        }

        test("a socket of the system's is refused, with the line that asked") {
            simulate(1) {
                SocketChannel.open().use { channel ->
                    val failure = shouldThrow<UnsupportedOperationException> { getRunningLoop().addReader(channel) { } }
                    failure.message shouldContain "cannot be part of a simulation, asked for at $HERE"
                    failure.message shouldContain "open channels by the loop's selectorProvider"
                }
            }
        }
    })

/** Five hosts compute in other threads at the same time, and sleep between. */
private class Compute : SimulatedProgram {
    override suspend fun Simulation.run() {
        val hosts =
            List(5) { number ->
                host("host $number") {
                    repeat(5) {
                        // What ends sooner than its caller is suspended does not suspend it.
                        val isSuspended = CountDownLatch(1)
                        getRunningLoop().callSoon { isSuspended.countDown() }
                        val result =
                            withContext(if (number % 2 == 0) Dispatchers.Default else Dispatchers.IO) {
                                isSuspended.await()
                                spin((5 - number) * 1_000)
                            }
                        log("computed $result")
                        sleep(1.milliseconds)
                    }
                }
            }
        hosts.forEach { it.join() }
        check(now == 5.milliseconds) { "it took $now" }
    }

    private fun spin(times: Int): Int = (1..times).fold(1) { value, next -> 31 * value + next }
}

private const val HERE = "dev.simul.simulation.ThreadsTest"
