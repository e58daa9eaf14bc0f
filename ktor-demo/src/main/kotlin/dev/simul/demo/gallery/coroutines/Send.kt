// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.exceptions.StopIteration
import dev.simul.generators.Generator
import dev.simul.generators.generator

private fun coroutineExample(name: String): Generator<String, Int, Unit> =
    generator {
        println("start coroutine...name: $name")
        val x = yield(name)
        println("send值: $x")
    }

internal fun send() {
    val coro = coroutineExample("Zarten")
    println("next的返回值: ${coro.next()}")
    try {
        println("send的返回值: ${coro.send(6)}")
    } catch (e: StopIteration) {
        println(e)
    }
}
