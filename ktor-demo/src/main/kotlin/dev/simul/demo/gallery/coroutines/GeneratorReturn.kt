// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.exceptions.StopIteration
import dev.simul.generators.Generator
import dev.simul.generators.generator

private fun coroutineExample(name: String): Generator<String, Int, String> =
    generator {
        println("start coroutine...name: $name")
        while (true) {
            val x = yield(name) ?: break
            println("send值: $x")
        }
        "zhihuID: Zarten"
    }

internal fun generatorReturn() {
    val coro = coroutineExample("Zarten")
    coro.next()
    println("send的返回值: ${coro.send(6)}")
    try {
        coro.send(null)
    } catch (e: StopIteration) {
        println("返回值： ${e.value}")
    }
}
