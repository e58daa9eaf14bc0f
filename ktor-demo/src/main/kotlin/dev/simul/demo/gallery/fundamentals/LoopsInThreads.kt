// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.fundamentals

import dev.simul.demo.gallery.run
import dev.simul.loop.EventLoop
import dev.simul.loop.getRunningLoop
import dev.simul.sleep
import java.util.concurrent.ConcurrentHashMap
import kotlin.concurrent.thread
import kotlin.time.Duration.Companion.seconds

private suspend fun work(
    name: String,
    loops: MutableSet<EventLoop>,
) {
    loops += getRunningLoop()
    println("$name: begins")
    sleep(1.seconds)
    println("$name: ends")
}

internal fun loopsInThreads() {
    val loops = ConcurrentHashMap.newKeySet<EventLoop>()
    val threads = listOf("first", "second").map { name -> thread { run { work(name, loops) } } }
    threads.forEach { it.join() }
    println("${loops.size} loops")
}
