// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.createTask
import dev.simul.demo.gallery.run
import dev.simul.loop.getRunningLoop
import dev.simul.runInExecutor
import dev.simul.sleep
import dev.simul.toThread
import java.util.concurrent.Executors
import kotlin.time.Duration

private fun saveFlag(
    image: String,
    filename: String,
): String = "$image is in $filename"

private fun countPrimes(limit: Int): Int = (2..limit).count { n -> (2..n / 2).none { n % it == 0 } }

internal fun executor() =
    run {
        println(toThread { saveFlag("the flag", "fr.gif") })

        val loop = getRunningLoop()
        println(loop.runInExecutor { saveFlag("the flag", "br.gif") }.await())

        val executor = Executors.newFixedThreadPool(2)
        try {
            var turns = 0
            val ticker =
                createTask {
                    while (true) {
                        turns++
                        sleep(Duration.ZERO)
                    }
                }
            println("${loop.runInExecutor(executor) { countPrimes(10_000) }.await()} primes below 10,000")
            println(if (turns > 0) "the loop has gone on meanwhile" else "the loop has stopped meanwhile")
            ticker.cancel("the primes are counted")
        } finally {
            executor.shutdown()
        }
    }
