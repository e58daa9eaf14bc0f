// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.channels.OtherLoop
import dev.simul.createTask
import dev.simul.exceptions.CancelledException
import dev.simul.sleep
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import java.util.concurrent.ForkJoinPool
import kotlin.time.Duration.Companion.milliseconds
import dev.simul.run as runLoop

class BetweenSamplesTest :
    FunSpec({
        test("texts are counted in another loop") {
            OtherLoop().use { other ->
                runLoop { wordCounts(List(1000) { "word ".repeat(it % 7) + "word" }, other.loop) } shouldBe List(1000) { it % 7 + 1 }
            }
        }

        test("primes are counted in batches") {
            val pool = ForkJoinPool(2)
            try {
                runLoop { countPrimes((1..5_500).toList(), pool) } shouldBe 725
            } finally {
                pool.shutdown()
            }
        }

        test("a search is told to stop") {
            runLoop {
                firstPrimeFrom(90) shouldBe 97
                val endless = createTask { firstPrimeFrom(Int.MIN_VALUE) }
                sleep(1.milliseconds)
                endless.cancel()
                shouldThrow<CancelledException> { endless.await() }
            } // Which ends only when its threads do.
        }

        test("a JVM of its own computes, and fails alone") {
            runLoop {
                inJvm(PrimeCounter::class.java.name, "1000\n") shouldBe "168\n"
                shouldThrow<IllegalStateException> {
                    inJvm(
                        PrimeCounter::class.java.name,
                        "many\n",
                    )
                }.message shouldContain "has ended with 1"
            }
        }

        test("a JVM of its own is killed when its task is cancelled") {
            runLoop {
                val before = children()
                val task = createTask { inJvm(PrimeCounter::class.java.name, "2000000000\n") }
                while ((children() - before).isEmpty()) sleep(10.milliseconds)
                val jvm = (children() - before).single()
                task.cancel()
                shouldThrow<CancelledException> { task.await() }
                jvm.isAlive shouldBe false
            }
        }
    })

private fun children(): Set<ProcessHandle> =
    ProcessHandle
        .current()
        .children()
        .toList()
        .toSet()
