// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.loop.getRunningLoop
import dev.simul.runInExecutor
import org.openjdk.jmh.annotations.Benchmark
import org.openjdk.jmh.annotations.BenchmarkMode
import org.openjdk.jmh.annotations.Fork
import org.openjdk.jmh.annotations.Measurement
import org.openjdk.jmh.annotations.Mode
import org.openjdk.jmh.annotations.OperationsPerInvocation
import org.openjdk.jmh.annotations.OutputTimeUnit
import org.openjdk.jmh.annotations.Param
import org.openjdk.jmh.annotations.Scope
import org.openjdk.jmh.annotations.Setup
import org.openjdk.jmh.annotations.State
import org.openjdk.jmh.annotations.TearDown
import org.openjdk.jmh.annotations.Warmup
import java.util.concurrent.ExecutorService
import java.util.concurrent.Executors
import java.util.concurrent.ForkJoinPool
import java.util.concurrent.TimeUnit
import dev.simul.run as runLoop

private const val CALLS = 10_000

/** What `runInExecutor` costs a call, in nanoseconds, by executor. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2, jvmArgsAppend = [LEAST_HEAP, MOST_HEAP, TOUCHED_HEAP])
public open class ExecutorBenchmark {
    /** The loop's own, or another; a virtual thread for each call needs JDK 21. */
    @Param("default", "fixed", "forkjoin", "virtual")
    public var executor: String = ""

    private var service: ExecutorService? = null

    @Setup
    public fun start() {
        val processors = Runtime.getRuntime().availableProcessors()
        service =
            when (executor) {
                "default" -> null
                "fixed" -> Executors.newFixedThreadPool(processors)
                "forkjoin" -> ForkJoinPool(processors)
                else -> Executors::class.java.getMethod("newVirtualThreadPerTaskExecutor").invoke(null) as ExecutorService
            }
    }

    @TearDown
    public fun stop() {
        service?.shutdown()
    }

    /** There and back, one call after the other. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public fun oneByOne(): Int =
        runLoop {
            var sum = 0
            repeat(CALLS) { number -> sum += getRunningLoop().runInExecutor(service) { number }.await() }
            sum
        }

    /** There and back, a hundred calls at once. */
    @Benchmark
    @OperationsPerInvocation(CALLS)
    public fun hundredAtOnce(): Int =
        runLoop {
            var sum = 0
            repeat(CALLS / 100) {
                val calls = List(100) { number -> getRunningLoop().runInExecutor(service) { number } }
                for (call in calls) sum += call.await()
            }
            sum
        }

    /** Work of some 200 µs each, a hundred calls at once: by how much the processors share it. */
    @Benchmark
    @OperationsPerInvocation(100)
    public fun burning(): Long =
        runLoop {
            val calls = List(100) { number -> getRunningLoop().runInExecutor(service) { burn(number) } }
            var sum = 0L
            for (call in calls) sum += call.await()
            sum
        }

    /** The same work in the loop's thread. */
    @Benchmark
    @OperationsPerInvocation(100)
    public fun burningInTheLoop(): Long =
        runLoop {
            var sum = 0L
            repeat(100) { sum += burn(it) }
            sum
        }
}

/** A chain of operations that neither the compiler nor the processor can shorten. */
private fun burn(seed: Int): Long {
    var state = seed + 1L
    repeat(100_000) {
        state = state xor (state shl 13)
        state = state xor (state ushr 7)
        state = state xor (state shl 17)
    }
    return state
}
