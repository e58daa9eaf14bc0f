// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.run
import dev.simul.exceptions.ExceptionGroup
import dev.simul.exceptions.exceptStar
import dev.simul.gatherResults
import dev.simul.sleep
import kotlin.time.Duration.Companion.seconds

private suspend fun coroA() {
    sleep(1.seconds)
    throw IllegalArgumentException("Error in coro A")
}

private suspend fun coroB() {
    sleep(2.seconds)
    throw ClassCastException("Error in coro B")
}

private suspend fun coroC() {
    sleep(0.5.seconds)
    throw IndexOutOfBoundsException("Error in coro C")
}

private suspend fun main() {
    val results = gatherResults({ coroA() }, { coroB() }, { coroC() }).await()
    val exceptions = results.mapNotNull { it.exceptionOrNull() }
    if (exceptions.isNotEmpty()) throw ExceptionGroup("Errors", exceptions)
}

internal fun exceptionGroups() {
    exceptStar({ run { main() } }) {
        on<IllegalArgumentException> { println("[IllegalArgumentException handled] ${it.exceptions}") }
        on<ClassCastException> { println("[ClassCastException handled] ${it.exceptions}") }
        on<IndexOutOfBoundsException> { println("[IndexOutOfBoundsException handled] ${it.exceptions}") }
    }
}
