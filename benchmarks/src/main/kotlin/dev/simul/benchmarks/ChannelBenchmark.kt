// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.channels.channelTo
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.runCoroutineThreadsafe
import dev.simul.wrapFuture
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.ExecutorCoroutineDispatcher
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
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
import java.util.concurrent.Executors
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread
import dev.simul.run as runLoop

/** What an item costs on its way from a task of one thread to a task of another, in nanoseconds. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2, jvmArgsAppend = [LEAST_HEAP, MOST_HEAP, TOUCHED_HEAP])
public open class ChannelBenchmark {
    /** How many items may be on their way. */
    @Param("1", "16", "1024")
    public var capacity: Int = 0

    private lateinit var other: EventLoop
    private lateinit var otherThread: Thread
    private lateinit var dispatchers: List<ExecutorCoroutineDispatcher>

    @Setup
    public fun start() {
        other = EventLoop()
        otherThread = thread(isDaemon = true) { other.runForever() }
        dispatchers = List(2) { Executors.newSingleThreadExecutor().asCoroutineDispatcher() }
    }

    @TearDown
    public fun stop() {
        other.callSoonThreadsafe { other.stop() }
        otherThread.join()
        other.close()
        dispatchers.forEach { it.close() }
    }

    /** `loop.channelTo(other, capacity)`. */
    @Benchmark
    @OperationsPerInvocation(N)
    public fun channelTo(): Int =
        runLoop {
            val (sender, receiver) = getRunningLoop().channelTo<Int>(other, capacity)
            val sum =
                runCoroutineThreadsafe(other) {
                    var sum = 0
                    for (item in receiver) sum += item
                    sum
                }
            sender.use { repeat(N) { sender.send(it) } }
            wrapFuture(sum).await()
        }

    /** A coroutine for each item, up to [capacity] of which have not ended. */
    @Benchmark
    @OperationsPerInvocation(N)
    public fun runCoroutineThreadsafeEach(): Int =
        runLoop {
            var sum = 0
            val underWay = ArrayDeque<dev.simul.Future<Unit>>()
            repeat(N) { item ->
                if (underWay.size == capacity) underWay.removeFirst().await()
                underWay += wrapFuture(runCoroutineThreadsafe(other) { sum += item })
            }
            underWay.forEach { it.await() }
            sum
        }

    /** kotlinx's own, between two threads that each run their coroutines alone. */
    @Benchmark
    @OperationsPerInvocation(N)
    public fun kotlinxChannel(): Int =
        runBlocking {
            val (sending: CoroutineDispatcher, receiving: CoroutineDispatcher) = dispatchers
            val channel = Channel<Int>(capacity)
            val sum =
                async(receiving) {
                    var sum = 0
                    for (item in channel) sum += item
                    sum
                }
            withContext(sending) { repeat(N) { channel.send(it) } }
            channel.close()
            sum.await()
        }
}
