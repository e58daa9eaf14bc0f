// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.generators.Generator
import dev.simul.generators.generator

private fun forTest(): Generator<Int, Nothing, Unit> =
    generator {
        for (i in 0..<3) {
            yield(i)
        }
    }

private fun yieldFromTest(): Generator<Int, Nothing, Unit> =
    generator {
        yieldFrom(0..<3)
    }

internal fun yieldFromRange() {
    println(forTest().toList())
    println(yieldFromTest().toList())
}
