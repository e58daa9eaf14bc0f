// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.netty.util.concurrent.DefaultPromise

/** A promise that [eventLoop] itself makes. */
internal open class LoopPromise<V>(
    val eventLoop: SimulEventLoop,
) : DefaultPromise<V>(eventLoop) {
    override fun checkDeadLock() {
        if (eventLoop.inEventLoop()) throw BlockingCalls.refused(this)
    }
}
