// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fluent

import dev.simul.coroutine
import dev.simul.demo.gallery.Time.perfCounter
import dev.simul.demo.gallery.run
import dev.simul.gather
import dev.simul.gatherResults
import dev.simul.generators.asyncGenerator
import dev.simul.sleep
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.toList
import kotlin.time.Duration.Companion.seconds

private fun aiter() =
    asyncGenerator<Int> {
        for (i in 0..5) {
            sleep(1.seconds)
            yield(i)
        }
    }

private val funcs = listOf(suspend { sleep(1.seconds, 1) }, suspend { sleep(2.seconds, 2) })

private suspend fun failing(): Int = throw IllegalArgumentException("no number")

internal fun listComprehensions() =
    run {
        val result = mutableListOf<Int>()
        for (i in aiter()) {
            if (i % 2 != 0) result += i
        }
        println(result)
        println(aiter().filter { i -> i % 2 != 0 }.toList())

        var start = perfCounter()
        println(funcs.map { fn -> fn() })
        println("one after the other: %.0f s".format(perfCounter() - start))
        start = perfCounter()
        println(gather(funcs.map { coroutine(it) }).await())
        println("at the same time: %.0f s".format(perfCounter() - start))

        for (outcome in gatherResults((funcs + ::failing).map { coroutine(it) }).await()) {
            println(outcome.getOrElse { it.message })
        }
    }
