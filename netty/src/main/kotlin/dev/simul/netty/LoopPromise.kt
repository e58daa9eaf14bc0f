// SPDX-License-Identifier: Apache-2.0
package dev.simul.netty

import io.netty.util.concurrent.DefaultPromise

/** Something that is completed by [eventLoop]. */
internal interface OfLoop {
    val eventLoop: SimulEventLoop
}

/** A promise that [eventLoop] itself makes. */
internal open class LoopPromise<V>(
    final override val eventLoop: SimulEventLoop,
) : DefaultPromise<V>(eventLoop),
    OfLoop {
    override fun checkDeadLock() {
        if (eventLoop.inEventLoop()) throw BlockingCalls.refused(this)
    }
}
