// SPDX-License-Identifier: Apache-2.0
package dev.simul.transports

import dev.simul.SingleWaiter
import dev.simul.loop.EventLoop
import dev.simul.loop.LoopLocal
import dev.simul.loop.adding
import dev.simul.loop.logger

/** Holds a system resource, and releases it at once when its loop closes. */
internal interface Releasable {
    /** Whether it is one end of a connection. */
    val isConnection: Boolean get() = false

    /** Closes it without telling any protocol. */
    fun release()
}

/** Opens this: makes each of [calls], of which the first tells the protocol, and completes [waiter], each in a callback of its own. */
internal fun Releasable.begin(
    loop: EventLoop,
    waiter: SingleWaiter?,
    vararg calls: () -> Unit,
) {
    OpenTransports[loop].add(this)
    for (call in calls) loop.callInOrder(call)
    if (waiter != null) loop.callInOrder { waiter.wake() }
}

/** Does [tell], the last thing that is told of this, and closes it. */
internal inline fun Releasable.end(
    loop: EventLoop,
    tell: () -> Unit,
) = try {
    tell()
} finally {
    release()
    OpenTransports[loop].remove(this)
}

/** The transports and servers of a loop that are open; they are released when the loop closes. */
internal class OpenTransports private constructor() {
    private val open = LinkedHashSet<Releasable>()

    val size: Int get() = open.size

    /** How many are connections. */
    var connections: Int = 0
        private set

    val all: List<Releasable> get() = open.toList()

    fun add(transport: Releasable) {
        if (open.add(transport) && transport.isConnection) connections++
    }

    fun remove(transport: Releasable) {
        if (open.remove(transport) && transport.isConnection) connections--
    }

    private fun releaseAll() {
        val failures = ArrayList<Throwable>()
        for (transport in open) {
            logger.debug("{} was open when its loop closed: close it before", transport)
            failures.adding { transport.release() }
        }
        open.clear()
        connections = 0
        failures.firstOrNull()?.let { throw it }
    }

    companion object {
        private val of = LoopLocal(onClose = { _, all -> all.releaseAll() }) { OpenTransports() }

        operator fun get(loop: EventLoop): OpenTransports = of[loop]

        /** Null if the loop never opened any. */
        fun orNull(loop: EventLoop): OpenTransports? = of.getOrNull(loop)
    }
}
