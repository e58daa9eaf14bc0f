// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.exceptions.StopIteration
import dev.simul.generators.Generator
import dev.simul.generators.generator

private fun coroutineExample(name: String): Generator<String, Int, String> =
    generator {
        println("start coroutine...name: $name")
        val x = yield(name)
        println("send值: $x")
        "zhihuID: Zarten"
    }

private fun grouper2(): Generator<String, Int, String> =
    generator {
        val result2 = yieldFrom(coroutineExample("Zarten"))
        println("result2的值： $result2")
        result2
    }

private fun grouper(): Generator<String, Int, String> =
    generator {
        val result = yieldFrom(grouper2())
        println("result的值： $result")
        result
    }

internal fun yieldFrom() {
    val g = grouper()
    g.next()
    try {
        g.send(10)
    } catch (e: StopIteration) {
        println("返回值： ${e.value}")
    }
}
