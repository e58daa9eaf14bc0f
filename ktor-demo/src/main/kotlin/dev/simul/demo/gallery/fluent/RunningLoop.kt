package dev.simul.demo.gallery.fluent

import dev.simul.demo.gallery.run
import dev.simul.loop.getRunningLoop

internal fun runningLoop() {
    run {
        val loop = getRunningLoop()
        println(if (loop.isRunning) "the loop is running" else "the loop is not running")
    }
    try {
        getRunningLoop()
    } catch (_: IllegalStateException) {
        println("there is no running loop")
    }
}
