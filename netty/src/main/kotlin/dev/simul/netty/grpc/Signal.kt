// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty.grpc

import dev.simul.Future
import dev.simul.loop.EventLoop

/** The wait of one task for something that gRPC tells, [what] it waits for being shown in reports. */
internal class Signal(
    private val loop: EventLoop,
    private val what: String,
) {
    private var waiter: Future<Unit>? = null

    /** Waits until [isReached], which is looked at after each [fire]. */
    suspend inline fun until(isReached: () -> Boolean) {
        while (!isReached()) await()
    }

    suspend fun await() {
        val waiter = Waiter()
        this.waiter = waiter
        waiter.await()
    }

    fun fire() {
        val waiter = waiter ?: return
        this.waiter = null
        if (!waiter.done()) waiter.setResult(Unit)
    }

    private inner class Waiter : Future<Unit>(loop) {
        override fun toString(): String = "<$what>"
    }
}
