// SPDX-License-Identifier: Apache-2.0
package dev.simul.benchmarks

import dev.simul.facade.Asyncio
import kotlinx.coroutines.runBlocking
import dev.simul.run as runLoop

/** `Hello KIND`: prints a line, in a task or not: what is measured is how long the process takes. */
internal fun main(args: Array<String>) {
    when (args[0]) {
        "jvm" -> println("hello")
        "simul" -> runLoop { println("hello") }
        "facade" -> Asyncio.run { println("hello") }
        "kotlinx" -> runBlocking { println("hello") }
        else -> error("'${args[0]}' is no kind of hello: jvm, simul, facade or kotlinx")
    }
}
