// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.yield
import org.openjdk.jmh.annotations.Benchmark
import org.openjdk.jmh.annotations.BenchmarkMode
import org.openjdk.jmh.annotations.Fork
import org.openjdk.jmh.annotations.Measurement
import org.openjdk.jmh.annotations.Mode
import org.openjdk.jmh.annotations.OperationsPerInvocation
import org.openjdk.jmh.annotations.OutputTimeUnit
import org.openjdk.jmh.annotations.Warmup
import java.util.concurrent.TimeUnit

/** The work of [CoreBenchmark] on the event loop of kotlinx's `runBlocking`. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2, jvmArgsAppend = [LEAST_HEAP, MOST_HEAP, TOUCHED_HEAP])
public open class KotlinxBenchmark {
    @Benchmark
    @OperationsPerInvocation(N)
    public fun yieldAlone(): Unit = runBlocking { repeat(N) { yield() } }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun yieldOfTwo(): Unit =
        runBlocking {
            val other = launch { repeat(N / 2) { yield() } }
            repeat(N / 2) { yield() }
            other.join()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun createAndAwait(): Unit = runBlocking { repeat(N) { async { 1 }.await() } }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun createEagerAndAwait(): Unit = runBlocking { repeat(N) { async(start = CoroutineStart.UNDISPATCHED) { 1 }.await() } }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun futurePingPong(): Unit =
        runBlocking {
            var ping = CompletableDeferred<Unit>()
            var pong = CompletableDeferred<Unit>()
            val other =
                launch {
                    repeat(N / 2) {
                        ping.await()
                        ping = CompletableDeferred()
                        pong.complete(Unit)
                    }
                }
            repeat(N / 2) {
                ping.complete(Unit)
                pong.await()
                pong = CompletableDeferred()
            }
            other.join()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun queueOfOne(): Unit =
        runBlocking {
            val channel = Channel<Int>(1)
            val producer = launch { repeat(N) { channel.send(it) } }
            repeat(N) { channel.receive() }
            producer.join()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun contendedLock(): Unit =
        runBlocking {
            val mutex = Mutex()
            coroutineScope {
                repeat(4) {
                    launch { repeat(N / 4) { mutex.withLock { yield() } } }
                }
            }
        }

    @Benchmark
    @OperationsPerInvocation(N / 10)
    public fun groupOfTen(): Unit =
        runBlocking {
            repeat(N / 10) {
                coroutineScope { repeat(10) { launch { yield() } } }
            }
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun timeoutAroundYield(): Unit = runBlocking { repeat(N) { withTimeout(10_000) { yield() } } }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun cancelSleeping(): Unit =
        runBlocking {
            val jobs: List<Job> = List(N) { launch { delay(1_000_000) } }
            yield()
            jobs.forEach { it.cancel() }
            jobs.joinAll()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun manyAlive(): Unit =
        runBlocking {
            val jobs: List<Job> = List(N) { launch { yield() } }
            for (job in jobs) job.join()
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun generatorItems(): Int =
        runBlocking {
            val numbers = flow { repeat(N) { emit(it) } }
            var sum = 0
            numbers.collect { sum += it }
            sum
        }

    @Benchmark
    @OperationsPerInvocation(N)
    public fun generatorYieldingItems(): Int =
        runBlocking {
            val numbers =
                flow {
                    repeat(N) {
                        yield()
                        emit(it)
                    }
                }
            var sum = 0
            numbers.collect { sum += it }
            sum
        }

    /** The same as [generatorItems]: a `Flow` has no other way. */
    @Benchmark
    @OperationsPerInvocation(N)
    public fun generatorCollect(): Int = generatorItems()

    @Benchmark
    @OperationsPerInvocation(N)
    public fun generatorCollectYielding(): Int = generatorYieldingItems()
}
