// SPDX-License-Identifier: Apache-2.0
package dev.simul.demo.gallery.introduction

import dev.simul.demo.gallery.newEventLoop
import dev.simul.gather
import dev.simul.loop.EventLoop
import dev.simul.runUntilComplete
import dev.simul.sync.Event
import kotlin.time.Duration.Companion.seconds

private fun setEvent(event: Event) {
    println("setting event in callback")
    event.set()
}

private suspend fun coro1(event: Event) {
    println("coro1 waiting for event")
    event.wait()
    println("coro1 triggered")
}

private suspend fun coro2(event: Event) {
    println("coro2 waiting for event")
    event.wait()
    println("coro2 triggered")
}

private suspend fun main(loop: EventLoop) {
    val event = Event()
    println("event start state: ${event.isSet}")

    loop.callLater(1.seconds) { setEvent(event) }

    gather({ coro1(event) }, { coro2(event) }).await()
    println("event end state: ${event.isSet}")
}

internal fun eventCallback() {
    val eventLoop = newEventLoop()
    try {
        eventLoop.runUntilComplete { main(eventLoop) }
    } finally {
        eventLoop.close()
    }
}
