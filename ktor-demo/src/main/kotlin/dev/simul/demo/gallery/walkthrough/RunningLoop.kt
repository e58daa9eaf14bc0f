// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.walkthrough

import dev.simul.demo.gallery.run
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import kotlin.time.Duration

private fun callback(loop: EventLoop) {
    println("Called back by the ${state(loop)}")
}

private fun state(loop: EventLoop): String {
    val running = if (loop.isRunning) "is running" else "is not running"
    val closed = if (loop.isClosed) "is closed" else "is not closed"
    return "loop, which $running and $closed"
}

private suspend fun main(): EventLoop {
    val loop = getRunningLoop()
    loop.callSoon { callback(loop) }
    println("In main: the ${state(loop)}")
    sleep(Duration.ZERO)
    try {
        run { }
    } catch (e: IllegalStateException) {
        println("In main: no other loop can run here")
    }
    return loop
}

internal fun runningLoop() {
    try {
        getRunningLoop()
    } catch (e: IllegalStateException) {
        println("Before: no loop is running")
    }
    val loop = run { main() }
    println("After: the ${state(loop)}")
}
