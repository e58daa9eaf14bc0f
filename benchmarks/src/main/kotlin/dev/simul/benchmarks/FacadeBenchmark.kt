// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.facade.Asyncio.createTask
import dev.simul.facade.Asyncio.sleep
import org.openjdk.jmh.annotations.Benchmark
import org.openjdk.jmh.annotations.BenchmarkMode
import org.openjdk.jmh.annotations.Fork
import org.openjdk.jmh.annotations.Measurement
import org.openjdk.jmh.annotations.Mode
import org.openjdk.jmh.annotations.OperationsPerInvocation
import org.openjdk.jmh.annotations.OutputTimeUnit
import org.openjdk.jmh.annotations.Warmup
import java.time.Duration.ZERO
import java.util.concurrent.Callable
import java.util.concurrent.TimeUnit
import dev.simul.facade.Asyncio.run as runLoop

/** Fewer, since platform threads need microseconds to take turns. */
private const val TURNS = 10_000

/**
 * What awaiting costs in bodies of plain Java, in nanoseconds per operation. `SIMUL_CARRIER=platform`, `virtual` or `pumped`
 * chooses what carries them; by default it is the best that the JDK has.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2, jvmArgsAppend = [LEAST_HEAP, MOST_HEAP, TOUCHED_HEAP])
public open class FacadeBenchmark {
    @Benchmark
    @OperationsPerInvocation(N)
    public fun yieldAlone(): Any? = runLoop { giveUpTurns(N) }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public fun yieldOfTwo(): Any? =
        runLoop {
            val other = createTask { giveUpTurns(TURNS / 2) }
            giveUpTurns(TURNS / 2)
            other.await()
        }

    @Benchmark
    @OperationsPerInvocation(TURNS)
    public fun createAndAwait(): Any? = runLoop { repeat(TURNS) { createTask(Callable { 1 }).await() } }

    private fun giveUpTurns(times: Int) = repeat(times) { sleep(ZERO).await() }
}
