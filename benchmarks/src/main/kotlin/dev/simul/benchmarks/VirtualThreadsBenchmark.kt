// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import org.openjdk.jmh.annotations.Benchmark
import org.openjdk.jmh.annotations.BenchmarkMode
import org.openjdk.jmh.annotations.Fork
import org.openjdk.jmh.annotations.Measurement
import org.openjdk.jmh.annotations.Mode
import org.openjdk.jmh.annotations.OperationsPerInvocation
import org.openjdk.jmh.annotations.OutputTimeUnit
import org.openjdk.jmh.annotations.Warmup
import java.util.concurrent.ArrayBlockingQueue
import java.util.concurrent.CompletableFuture
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit
import java.util.concurrent.locks.ReentrantLock
import kotlin.concurrent.withLock

/** The work of [CoreBenchmark] by virtual threads alone, on a JDK that has them; the scheduler's options keep them on one thread. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2, jvmArgsAppend = [LEAST_HEAP, MOST_HEAP, TOUCHED_HEAP])
public open class VirtualThreadsBenchmark {
    @Benchmark
    @OperationsPerInvocation(N)
    public fun yieldAlone(): Unit = VirtualThreads.run { giveUpTurns(N) }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun yieldOfTwo(): Unit =
        VirtualThreads.run {
            val other = VirtualThreads.start { giveUpTurns(N / 2) }
            giveUpTurns(N / 2)
            other.join()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun createAndAwait(): Unit =
        VirtualThreads.run {
            repeat(N) { FutureTask { 1 }.also { VirtualThreads.start(it) }.get() }
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun futurePingPong(): Unit =
        VirtualThreads.run {
            val pings = List(N / 2) { CompletableFuture<Unit>() }
            val pongs = List(N / 2) { CompletableFuture<Unit>() }
            val other =
                VirtualThreads.start {
                    repeat(N / 2) {
                        pings[it].get()
                        pongs[it].complete(Unit)
                    }
                }
            repeat(N / 2) {
                pings[it].complete(Unit)
                pongs[it].get()
            }
            other.join()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun queueOfOne(): Unit =
        VirtualThreads.run {
            val queue = ArrayBlockingQueue<Int>(1)
            val producer = VirtualThreads.start { repeat(N) { queue.put(it) } }
            repeat(N) { queue.take() }
            producer.join()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun contendedLock(): Unit =
        VirtualThreads.run {
            val lock = ReentrantLock()
            joinAll(List(4) { VirtualThreads.start { repeat(N / 4) { lock.withLock { Thread.yield() } } } })
        }

    @Benchmark
    @OperationsPerInvocation(N / 10)
    public fun groupOfTen(): Unit =
        VirtualThreads.run {
            repeat(N / 10) { joinAll(List(10) { VirtualThreads.start { Thread.yield() } }) }
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun cancelSleeping(): Unit =
        VirtualThreads.run {
            val sleeping = List(N) { VirtualThreads.start(::sleepUntilInterrupted) }
            Thread.yield()
            sleeping.forEach { it.interrupt() }
            joinAll(sleeping)
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun manyAlive(): Unit = VirtualThreads.run { joinAll(List(N) { VirtualThreads.start { Thread.yield() } }) }

    private fun giveUpTurns(times: Int) = repeat(times) { Thread.yield() }

    private fun joinAll(threads: List<Thread>) = threads.forEach { it.join() }

    private fun sleepUntilInterrupted() {
        try {
            Thread.sleep(1_000_000)
        } catch (_: InterruptedException) {
            // That is its end.
        }
    }
}
