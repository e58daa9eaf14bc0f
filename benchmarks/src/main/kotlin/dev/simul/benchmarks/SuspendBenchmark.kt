package dev.simul.benchmarks

import org.openjdk.jmh.annotations.Benchmark
import org.openjdk.jmh.annotations.BenchmarkMode
import org.openjdk.jmh.annotations.Mode
import org.openjdk.jmh.annotations.OutputTimeUnit
import java.util.concurrent.TimeUnit
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.resume
import kotlin.coroutines.startCoroutine
import kotlin.coroutines.suspendCoroutine

/** What Kotlin itself asks for one suspension, with no loop underneath: the floor of every other figure. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
open class SuspendBenchmark {
    @Benchmark
    fun suspendAndResume(): Int {
        var parked: Continuation<Int>? = null
        var result = 0
        val body: suspend () -> Int = { suspendCoroutine { parked = it } }
        body.startCoroutine(Continuation(EmptyCoroutineContext) { result = it.getOrThrow() })
        parked?.resume(1)
        return result
    }
}
