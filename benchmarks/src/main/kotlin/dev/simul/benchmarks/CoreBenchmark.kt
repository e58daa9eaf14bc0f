// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.createTask
import dev.simul.gatherResults
import dev.simul.generators.asyncGenerator
import dev.simul.queues.Queue
import dev.simul.sleep
import dev.simul.sync.Lock
import dev.simul.taskGroup
import dev.simul.timeout
import org.openjdk.jmh.annotations.Benchmark
import org.openjdk.jmh.annotations.BenchmarkMode
import org.openjdk.jmh.annotations.Fork
import org.openjdk.jmh.annotations.Measurement
import org.openjdk.jmh.annotations.Mode
import org.openjdk.jmh.annotations.OperationsPerInvocation
import org.openjdk.jmh.annotations.OutputTimeUnit
import org.openjdk.jmh.annotations.Warmup
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.ZERO
import kotlin.time.Duration.Companion.seconds
import dev.simul.Future as LoopFuture
import dev.simul.run as runLoop

internal const val N = 100_000

/** What the primitives cost, in nanoseconds per operation; [KotlinxBenchmark] does the same work the kotlinx way. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2, jvmArgsAppend = [LEAST_HEAP, MOST_HEAP, TOUCHED_HEAP])
public open class CoreBenchmark {
    @Benchmark
    @OperationsPerInvocation(N)
    public fun yieldAlone(): Unit = runLoop { repeat(N) { sleep(ZERO) } }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun yieldOfTwo(): Unit =
        runLoop {
            val other = createTask { repeat(N / 2) { sleep(ZERO) } }
            repeat(N / 2) { sleep(ZERO) }
            other.await()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun createAndAwait(): Unit = runLoop { repeat(N) { createTask { 1 }.await() } }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun createEagerAndAwait(): Unit = runLoop { repeat(N) { createTask(eagerStart = true) { 1 }.await() } }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun futurePingPong(): Unit =
        runLoop {
            var ping = LoopFuture<Unit>()
            var pong = LoopFuture<Unit>()
            val other =
                createTask {
                    repeat(N / 2) {
                        ping.await()
                        ping = LoopFuture()
                        pong.setResult(Unit)
                    }
                }
            repeat(N / 2) {
                ping.setResult(Unit)
                pong.await()
                pong = LoopFuture()
            }
            other.await()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun queueOfOne(): Unit =
        runLoop {
            val queue = Queue<Int>(1)
            val producer = createTask { repeat(N) { queue.put(it) } }
            repeat(N) { queue.get() }
            producer.await()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun contendedLock(): Unit =
        runLoop {
            val lock = Lock()
            taskGroup { group ->
                repeat(4) {
                    group.createTask { repeat(N / 4) { lock.use { sleep(ZERO) } } }
                }
            }
        }

    @Benchmark
    @OperationsPerInvocation(N / 10)
    public fun groupOfTen(): Unit =
        runLoop {
            repeat(N / 10) {
                taskGroup { group -> repeat(10) { group.createTask { sleep(ZERO) } } }
            }
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun timeoutAroundYield(): Unit = runLoop { repeat(N) { timeout(10.seconds) { sleep(ZERO) } } }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun cancelSleeping(): Unit =
        runLoop {
            val tasks = List(N) { createTask { sleep(1000.seconds) } }
            sleep(ZERO)
            tasks.forEach { it.cancel() }
            gatherResults(tasks).await()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun manyAlive(): Unit =
        runLoop {
            val tasks = List(N) { createTask { sleep(ZERO) } }
            for (task in tasks) task.await()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun generatorItems(): Int =
        runLoop {
            val numbers = asyncGenerator<Int> { repeat(N) { yield(it) } }
            var sum = 0
            for (number in numbers) sum += number
            sum
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun generatorYieldingItems(): Int =
        runLoop {
            val numbers =
                asyncGenerator<Int> {
                    repeat(N) {
                        sleep(ZERO)
                        yield(it)
                    }
                }
            var sum = 0
            for (number in numbers) sum += number
            sum
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun generatorCollect(): Int =
        runLoop {
            val numbers = asyncGenerator<Int> { repeat(N) { yield(it) } }
            var sum = 0
            numbers.collect { sum += it }
            sum
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun generatorCollectYielding(): Int =
        runLoop {
            val numbers =
                asyncGenerator<Int> {
                    repeat(N) {
                        sleep(ZERO)
                        yield(it)
                    }
                }
            var sum = 0
            numbers.collect { sum += it }
            sum
        }
}
