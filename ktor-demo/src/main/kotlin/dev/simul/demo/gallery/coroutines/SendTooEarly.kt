// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.coroutines

import dev.simul.generators.Generator
import dev.simul.generators.generator

private fun coroutineExample(name: String): Generator<String, Int, Unit> =
    generator {
        val x = yield(name)
        println("got $x")
        yield("$name again")
    }

internal fun sendTooEarly() {
    val coro = coroutineExample("Zarten")
    try {
        coro.send(6)
    } catch (e: IllegalArgumentException) {
        println(e.message)
    }
    println(coro.next())
    println(coro.send(6))
}
