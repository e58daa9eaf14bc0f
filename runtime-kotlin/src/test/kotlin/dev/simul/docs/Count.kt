// SPDX-License-Identifier: Apache-2.0
package dev.simul.docs

import dev.simul.gather
import dev.simul.runLoop
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

suspend fun count(): String {
    println("One")
    sleep(1.seconds)
    println("Two")
    return "done"
}

fun main() {
    println(runLoop { gather({ count() }, { count() }, { count() }).await() })
}
